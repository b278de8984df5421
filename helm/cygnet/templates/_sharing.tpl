{{/* The sharing service's name, and its host name, which no user's server has. */}}
{{- define "cygnet.share" -}}{{ .Release.Name }}-share{{- end }}
{{- define "cygnet.shareGiven" -}}{{ .Release.Name }}-share-given{{- end }}

{{- define "cygnet.sharePath" -}}{{ include "cygnet.prefix" . }}services/share/{{- end }}

{{/* As the hub names it (cygnet_hub/pages/user_host.py), where users have host names. */}}
{{- define "cygnet.shareHost" -}}
{{- if and .Values.sharing.enabled (include "cygnet.hostPerUser" .) -}}
u-share--{{ sha256sum "service:share" | trunc 32 }}.{{ include "cygnet.publicHost" . }}
{{- end -}}
{{- end }}

{{/* What browsers call: scheme, host and port of the service's pages, or of the hub's. */}}
{{- define "cygnet.shareOrigin" -}}
{{- with include "cygnet.publicUrl" . -}}
{{- $url := urlParse . -}}
{{- $own := include "cygnet.shareHost" $ | default $url.hostname -}}
{{ $url.scheme }}://{{ replace $url.hostname $own $url.host }}
{{- end -}}
{{- end }}

{{- define "cygnet.hubOrigin" -}}
{{- with include "cygnet.publicUrl" . -}}
{{- $url := urlParse . -}}
{{ $url.scheme }}://{{ $url.host }}
{{- end -}}
{{- end }}

{{/* What people may do there; without a provider there is one person. */}}
{{- define "cygnet.shareSettings" -}}
{{- with .Values.sharing -}}
{{- dict
  "several" (not (empty $.Values.config.oidc))
  "everyone" .everyone
  "listNames" .listNames
  "quota" (include "cygnet.bytes" .quota | int64)
  "keepDeletedDays" .keepDeletedDays
  "keepAllDays" .keepAllDays
  "keepHourlyDays" .keepHourlyDays
  "keepDailyDays" .keepDailyDays
  "auditDays" .auditDays
  "objectStore" .objectStore
  | toPrettyJson -}}
{{- end -}}
{{- end }}

{{/* Whether a database server is used for it, and whether it needs a volume. */}}
{{- define "cygnet.shareDatabase" -}}
{{- if or .Values.secrets.shareDatabaseUrl .Values.secrets.shareDatabaseUrlFrom.name }}yes{{ end -}}
{{- end }}

{{- define "cygnet.shareVolume" -}}
{{- if not (and (include "cygnet.shareDatabase" .) .Values.sharing.objectStore) }}yes{{ end -}}
{{- end }}

{{/* What a Secret of an object store may have, by which the check knows that it is there. */}}
{{- define "cygnet.storeKeys" -}}
[AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, GOOGLE_SERVICE_ACCOUNT_KEY, AZURE_STORAGE_ACCOUNT_KEY]
{{- end }}

{{/* A way to what is elsewhere has to be named: nothing else of the network is open. */}}
{{- define "cygnet.validateSharing" -}}
{{- if .Values.sharing.enabled -}}
{{- $elsewhere := list -}}
{{- if include "cygnet.shareDatabase" . }}{{ $elsewhere = append $elsewhere "database" }}{{ end -}}
{{- if .Values.sharing.objectStore }}{{ $elsewhere = append $elsewhere "object store" }}{{ end -}}
{{- if and $elsewhere (not .Values.networkPolicy.shareEgress) }}
networkPolicy.shareEgress: is needed with the sharing service's {{ join " and " $elsewhere }}, since nothing else of the network is open to it. Write the rules that lead there.
{{- end -}}
{{- with .Values.secrets.shareDatabaseUrl -}}
{{- if eq . $.Values.secrets.databaseUrl }}
secrets.shareDatabaseUrl: is the hub's database, and their tables would mix. Make a database for the sharing service.
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* An upgrade that brings the service: what it means for servers that run. */}}
{{- define "cygnet.notedSharing" -}}
{{- if and .Release.IsUpgrade .Values.sharing.enabled -}}
{{- if not (lookup "apps/v1" "Deployment" .Release.Namespace (include "cygnet.share" .)) }}

From this version on, users can share folders and keep versions of them; sharing.enabled: false leaves it out. Servers that
run now have it after their next start.
{{- end -}}
{{- end -}}
{{- end }}
