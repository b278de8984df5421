{{/* What JupyterHub gives to the services that it starts itself, and our own. */}}
{{- define "cygnet.shareEnvironment" -}}
{{- $prefix := include "cygnet.prefix" . -}}
{{- $path := include "cygnet.sharePath" . -}}
{{- $origin := include "cygnet.shareOrigin" . -}}
{{- $plain := dict
  "CYGNET_SHARE_DIR" "/var/lib/cygnet/share"
  "CYGNET_SHARE_SETTINGS" "/etc/cygnet/share.json"
  "JUPYTERHUB_API_URL" (printf "http://%s:8081%shub/api" (include "cygnet.hub" .) $prefix)
  "JUPYTERHUB_BASE_URL" $prefix
  "JUPYTERHUB_CLIENT_ID" "service-share"
  "JUPYTERHUB_SERVICE_NAME" "share"
  "JUPYTERHUB_SERVICE_PREFIX" $path
  "JUPYTERHUB_SERVICE_URL" "http://0.0.0.0:8082"
-}}
{{- if include "cygnet.shareHost" . -}}
{{- $_ := set $plain "JUPYTERHUB_HOST" (include "cygnet.hubOrigin" .) -}}
{{- $_ := set $plain "JUPYTERHUB_OAUTH_CALLBACK_URL" (printf "%s%soauth_callback" $origin $path) -}}
{{- $_ := set $plain "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED" "1" -}}
{{- end -}}
{{- if $origin -}}
{{- $_ := set $plain "JUPYTERHUB_PUBLIC_URL" (printf "%s%s" $origin $path) -}}
{{- $_ := set $plain "JUPYTERHUB_PUBLIC_HUB_URL" (printf "%s%shub/" (include "cygnet.hubOrigin" .) $prefix) -}}
{{- end -}}
{{- range $name, $value := $plain }}
- name: {{ $name }}
  value: {{ quote $value }}
{{- end }}
- name: JUPYTERHUB_API_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "cygnet.secret" . }}
      key: share-token
{{- with .Values.secrets }}
{{- if .shareDatabaseUrl }}
- name: CYGNET_SHARE_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ include "cygnet.shareGiven" $ }}
      key: database-url
{{- else if .shareDatabaseUrlFrom.name }}
- name: CYGNET_SHARE_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .shareDatabaseUrlFrom.name }}
      key: {{ .shareDatabaseUrlFrom.key }}
{{- end }}
{{- end }}
{{- end }}

{{/* shareProbe: (dict "root" $ "period" 2 "failures" 3). */}}
{{- define "cygnet.shareProbe" -}}
httpGet:
  path: {{ include "cygnet.sharePath" .root }}health
  port: http
periodSeconds: {{ .period }}
timeoutSeconds: 5
failureThreshold: {{ .failures }}
{{- end }}
