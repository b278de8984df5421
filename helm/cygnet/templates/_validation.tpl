{{/* Why these values are not installed: a line for each reason. */}}
{{- define "cygnet.validation" -}}
{{- include "cygnet.validateNames" . }}
{{- include "cygnet.validateImages" . }}
{{- include "cygnet.validatePublishing" . }}
{{- include "cygnet.validateLogin" . }}
{{- include "cygnet.validateOrigin" . }}
{{- include "cygnet.validateEverybody" . }}
{{- include "cygnet.validateVolumes" . }}
{{- include "cygnet.validateSharing" . }}
{{- range $key := list "oidcClientSecret" "databaseUrl" "shareDatabaseUrl" -}}
{{- $from := get $.Values.secrets (printf "%sFrom" $key) -}}
{{- if and (get $.Values.secrets $key) $from.name }}
secrets.{{ $key }} and secrets.{{ $key }}From: only one of them.
{{- end -}}
{{- if and $from.name (not $from.key) }}
secrets.{{ $key }}From.key: is needed with secrets.{{ $key }}From.name; it says which key of the Secret.
{{- end -}}
{{- end -}}
{{- end }}

{{/*
A release's name is the beginning of names that may have 63 characters: the longest of
the chart's own (of the preflight) takes 19 of them, and a user's namespace 18.
*/}}
{{- define "cygnet.validateNames" -}}
{{- if gt (len .Release.Name) 40 }}
The release's name, {{ .Release.Name }}: has {{ len .Release.Name }} characters, and at most 40 fit, because the names of Services and of users' namespaces begin with it and Kubernetes takes 63 in all. Install it under a shorter name.
{{- end -}}
{{- if not (regexMatch "^[a-z][-a-z0-9]*$" .Release.Name) }}
The release's name, {{ .Release.Name }}: begins with a small letter and has small letters, digits and dashes only, because Services and users' namespaces are named after it. Install it under another name.
{{- end -}}
{{- if gt (len (include "cygnet.release" .)) 63 }}
The release's name and namespace, {{ .Release.Name }} and {{ .Release.Namespace }}: have {{ add (len .Release.Name) (len .Release.Namespace) }} characters, and at most 62 fit, because together they become a label. Choose shorter ones.
{{- end -}}
{{- end }}

{{- define "cygnet.validatePublishing" -}}
{{- $published := list -}}
{{- if .Values.ingress.enabled }}{{ $published = append $published "ingress.enabled" }}{{ end -}}
{{- if .Values.gateway.enabled }}{{ $published = append $published "gateway.enabled" }}{{ end -}}
{{- if ne .Values.proxy.service.type "ClusterIP" -}}
{{- $published = append $published (printf "proxy.service.type=%s" .Values.proxy.service.type) -}}
{{- end -}}
{{- if and $published (not .Values.config.oidc) }}
{{ join ", " $published }}: not while no identity provider is set (config.oidc). Without one a single owner logs in by links, over a port-forward that only cluster administrators can open; anybody could try to log in to a published service. Set config.oidc, or leave these values at their defaults.
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
ingress.host: is needed with ingress.enabled; it is the host name that browsers use.
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) }}
gateway.parentRefs: are needed with gateway.enabled; they name the Gateway that the route belongs to.
{{- end -}}
{{- with .Values.publicUrl -}}
{{- $path := (urlParse .).path | trimAll "/" -}}
{{- if ne $path (trimAll "/" $.Values.prefix) }}
publicUrl: its path is /{{ $path }}, and prefix says {{ $.Values.prefix }}. They are the same path; write it in both.
{{- end -}}
{{- end -}}
{{- end }}

{{/* Cookies that no other host can set need TLS, and an address has no names below it. */}}
{{- define "cygnet.validateOrigin" -}}
{{- if include "cygnet.hostPerUser" . -}}
{{- $url := include "cygnet.publicUrl" . -}}
{{- $host := include "cygnet.publicHost" . -}}
{{- $reason := "" -}}
{{- if hasPrefix "http:" $url -}}
{{- $reason = "has no TLS" -}}
{{- else if or (contains ":" $host) (regexMatch "^[0-9.]+$" $host) (not (contains "." $host)) -}}
{{- $reason = "has no names below its host" -}}
{{- end -}}
{{- if and $url $reason }}
publicUrl: {{ $url }} {{ $reason }}, so each user's servers cannot have a host name of their own, and a user who opens a page of another user's server would hand over the own login. Publish the service by https under a host name for which *.HOST resolves too, or set acceptOneOrigin: true.
{{- end -}}
{{- end -}}
{{- end }}

{{/* The hub validates these too, but only when it starts. */}}
{{- define "cygnet.validateLogin" -}}
{{- with .Values.config.oidc -}}
{{- if not (include "cygnet.publicUrl" $) }}
publicUrl: is needed with config.oidc unless ingress.host or gateway.hostnames say it; the provider sends browsers back there.
{{- end -}}
{{- if and (hasPrefix "http:" .issuer) (not .allowInsecureIssuer) }}
config.oidc.issuer: has no TLS, so an attacker on the network could log in as any user. Use https; config.oidc.allowInsecureIssuer is for tests.
{{- end -}}
{{- if and .tokenGroups (not .tokenAudience) }}
config.oidc.tokenAudience: is needed with config.oidc.tokenGroups; it says what their access tokens are good for.
{{- end -}}
{{- with $.Values.secrets -}}
{{- if not (or .oidcClientSecret .oidcClientSecretFrom.name .existing) }}
secrets.oidcClientSecretFrom: is needed with config.oidc; it names the Secret with the secret of the client that is registered at the provider.
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
