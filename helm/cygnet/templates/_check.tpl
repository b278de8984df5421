{{/* The job that checks the values before a release changes, and is deleted then. */}}
{{- define "cygnet.check" -}}{{ .Release.Name }}-check{{- end }}

{{/* checkHook: (dict "weight" "1"). The next check deletes what a failed one has left. */}}
{{- define "cygnet.checkHook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{- define "cygnet.checkArguments" -}}
{{- $arguments := list "check" "--secrets=/etc/cygnet/check/secrets" -}}
{{- if .Release.IsUpgrade }}{{ $arguments = append $arguments "--upgrade" }}{{ end -}}
{{ append $arguments "/etc/cygnet/check/values.json" | toJson }}
{{- end }}

{{/* The Secrets that the values name, if they exist. */}}
{{- define "cygnet.checkSources" -}}
defaultMode: 0440
sources:
  - secret:
      name: {{ include "cygnet.check" . }}
  {{- range $value, $file := dict "oidcClientSecretFrom" "oidc-client-secret" "databaseUrlFrom" "database-url" "shareDatabaseUrlFrom" "share-database-url" }}
  {{- with get $.Values.secrets $value }}
  {{- if and .name .key }}
  - secret:
      name: {{ .name }}
      optional: true
      items:
        - key: {{ .key }}
          path: secrets/given/{{ $file }}
  {{- end }}
  {{- end }}
  {{- end }}
  {{- with .Values.secrets.existing }}
  - secret:
      name: {{ . }}
      optional: true
      items:
        {{- range include "cygnet.keys" $ | fromYamlArray }}
        - key: {{ . }}
          path: secrets/existing/{{ . }}
        {{- end }}
  {{- end }}
  {{- if .Values.sharing.enabled }}
  {{- with .Values.sharing.objectStoreSecret }}
  - secret:
      name: {{ . }}
      optional: true
      items:
        {{- range include "cygnet.storeKeys" $ | fromYamlArray }}
        - key: {{ . }}
          path: secrets/store/{{ . }}
        {{- end }}
  {{- end }}
  {{- end }}
  {{- range $name := .Values.image.pullSecrets }}
  - secret:
      name: {{ $name }}
      optional: true
      items:
        {{- range list ".dockerconfigjson" ".dockercfg" }}
        - key: {{ . }}
          path: secrets/pull/{{ $name }}/{{ . }}
        {{- end }}
  {{- end }}
{{- end }}

{{/* Whom a provider lets in: an installation sets it, an upgrade leaves it as it was. */}}
{{- define "cygnet.everybody" -}}
{{- with .Values.config.oidc }}
{{- if not (or .allowedGroups .allowEverybody) }}yes{{ end -}}
{{- end -}}
{{- end }}

{{- define "cygnet.validateEverybody" -}}
{{- if and .Release.IsInstall (include "cygnet.everybody" .) }}
config.oidc.allowedGroups: is empty, which lets in everybody who has an account at {{ .Values.config.oidc.issuer }}. Name the groups whose members may log in, or set config.oidc.allowEverybody to true.
{{- end -}}
{{- end }}

{{- define "cygnet.notedEverybody" -}}
{{- if and .Release.IsUpgrade (include "cygnet.everybody" .) }}
WARNING: everybody who has an account at {{ .Values.config.oidc.issuer }} may log in, because config.oidc.allowedGroups is empty.
Name groups there, or set config.oidc.allowEverybody=true if that is intended. A new installation is refused without one of them.
{{ end -}}
{{- end }}
