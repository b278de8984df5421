{{/* The names of all objects begin with the release's name. */}}
{{- define "cygnet.hub" -}}{{ .Release.Name }}-hub{{- end }}
{{- define "cygnet.inlineSecretsName" -}}{{ .Release.Name }}-hub-given{{- end }}
{{- define "cygnet.proxy" -}}{{ .Release.Name }}-proxy{{- end }}
{{- define "cygnet.proxyApi" -}}{{ .Release.Name }}-proxy-api{{- end }}
{{- define "cygnet.preflight" -}}{{ .Release.Name }}-preflight{{- end }}
{{- define "cygnet.listener" -}}{{ .Release.Name }}-preflight-listener{{- end }}

{{/* Cluster-wide names, which two releases of one name must not share. */}}
{{- define "cygnet.global" -}}{{ .Release.Namespace }}.{{ .Release.Name }}{{- end }}
{{- define "cygnet.globalHub" -}}{{ include "cygnet.global" . }}-hub{{- end }}
{{- define "cygnet.globalExecutor" -}}{{ include "cygnet.global" . }}-executor{{- end }}

{{/* What the names of users' namespaces begin with. */}}
{{- define "cygnet.userPrefix" -}}{{ .Release.Name }}-user-{{- end }}

{{/* The hub's user name at the Kubernetes API. */}}
{{- define "cygnet.hubAccount" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "cygnet.hub" . }}
{{- end }}

{{/* The Secret with the generated keys, or the one that takes its place. */}}
{{- define "cygnet.secret" -}}
{{ .Values.secrets.existing | default (include "cygnet.hub" .) }}
{{- end }}

{{/* image: (dict "root" $ "name" "hub") gives an image's full name. */}}
{{- define "cygnet.image" -}}
{{- $image := .root.Values.image -}}
{{- $own := get $image .name -}}
{{- if $own -}}
{{ $own }}
{{- else -}}
{{- with $image.registry }}{{ trimSuffix "/" . }}/{{ end -}}
cygnet-{{ .name }}:{{ .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The path of the service, with a slash at both ends. */}}
{{- define "cygnet.prefix" -}}
{{- $path := trimAll "/" .Values.prefix -}}
{{- if $path }}/{{ $path }}/{{ else }}/{{ end -}}
{{- end }}

{{/* Where browsers reach it: the value, else the host of Ingress or route. */}}
{{- define "cygnet.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{ .Values.publicUrl }}
{{- else if and .Values.ingress.enabled .Values.ingress.host -}}
{{ ternary "https" "http" .Values.ingress.tls }}://{{ .Values.ingress.host }}{{ include "cygnet.prefix" . }}
{{- else if and .Values.gateway.enabled .Values.gateway.hostnames -}}
https://{{ first .Values.gateway.hostnames }}{{ include "cygnet.prefix" . }}
{{- end -}}
{{- end }}

{{/* The host name of the service alone, without a port. */}}
{{- define "cygnet.publicHost" -}}
{{- with include "cygnet.publicUrl" . -}}
{{ get (urlParse .) "hostname" }}
{{- end -}}
{{- end }}

{{/*
Whether each user's servers have a host name of their own: "true" or nothing. Without a
value, an installation has them, and an upgrade leaves it as it was.
*/}}
{{- define "cygnet.hostPerUser" -}}
{{- if .Values.config.oidc -}}
{{- $before := dict -}}
{{- if .Release.IsUpgrade -}}
{{- with lookup "v1" "ConfigMap" .Release.Namespace (include "cygnet.hub" .) -}}
{{- $before = get .data "settings.json" | fromJson -}}
{{- end -}}
{{- end -}}
{{- if kindIs "bool" .Values.acceptOneOrigin -}}
{{- if not .Values.acceptOneOrigin }}true{{ end -}}
{{- else if or .Release.IsInstall (and $before (not $before.oidc)) -}}
true
{{- else if $before -}}
{{- if get $before.release "hostPerPerson" }}true{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The host names of all users' servers, where they have their own. */}}
{{- define "cygnet.userHosts" -}}
{{- if include "cygnet.hostPerUser" . }}*.{{ include "cygnet.publicHost" . }}{{ end -}}
{{- end }}
