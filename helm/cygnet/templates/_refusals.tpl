{{/* What this chart does not install, with the reason; a line for each. */}}
{{- define "cygnet.refusals" -}}
{{- $published := list -}}
{{- if .Values.ingress.enabled }}{{ $published = append $published "ingress.enabled" }}{{ end -}}
{{- if .Values.gateway.enabled }}{{ $published = append $published "gateway.enabled" }}{{ end -}}
{{- if ne .Values.proxy.service.type "ClusterIP" -}}
{{- $published = append $published (printf "proxy.service.type=%s" .Values.proxy.service.type) -}}
{{- end -}}
{{- if and $published (not .Values.config.oidc) }}
{{ join ", " $published }}: not while no identity provider is set (config.oidc). Without one a single owner logs in by links, over a port-forward that only cluster administrators can open; a published service would let everybody try. Set config.oidc, or leave these values at their defaults.
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
ingress.host: is needed with ingress.enabled; it is the host name that browsers use.
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) }}
gateway.parentRefs: are needed with gateway.enabled; they name the Gateway that the route belongs to.
{{- end -}}
{{- if and .Values.config.oidc (not (include "cygnet.publicUrl" .)) }}
publicUrl: is needed with config.oidc unless ingress.host or gateway.hostnames say it; the provider sends browsers back there.
{{- end -}}
{{- if gt (len (include "cygnet.release" .)) 63 }}
The release's name and namespace together: at most 62 characters, because they become a label. Choose shorter ones.
{{- end -}}
{{- if and .Values.secrets.oidcClientSecret .Values.secrets.oidcClientSecretFrom.name }}
secrets.oidcClientSecret and secrets.oidcClientSecretFrom: only one of them.
{{- end -}}
{{- if and .Values.secrets.databaseUrl .Values.secrets.databaseUrlFrom.name }}
secrets.databaseUrl and secrets.databaseUrlFrom: only one of them.
{{- end -}}
{{- end }}
