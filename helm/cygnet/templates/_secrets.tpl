{{/*
The generated keys, as YAML of key and base64: those of the Secret that is there,
new ones for what it lacks. They are drawn once in a rendering, since the Secret and
the checksums of pods must agree.
*/}}
{{- define "cygnet.generated" -}}
{{- if .Values.secrets.existing -}}
existing: {{ .Values.secrets.existing }}
{{- else -}}
{{- if not (hasKey .Values "drawn") -}}
{{- $old := dict -}}
{{- with lookup "v1" "Secret" .Release.Namespace (include "cygnet.hub" .) -}}
{{- $old = .data | default dict -}}
{{- end -}}
{{- $keys := dict -}}
{{- range include "cygnet.keys" . | fromYamlArray -}}
{{- $new := randAlphaNum 64 | sha256sum | b64enc -}}
{{- $_ := set $keys . (get $old . | default $new) -}}
{{- end -}}
{{- $_ := set .Values "drawn" $keys -}}
{{- end -}}
{{- toYaml .Values.drawn -}}
{{- end -}}
{{- end }}

{{- define "cygnet.keys" -}}
[cookie-secret, crypt-key, proxy-token, api-token{{ if .Values.sharing.enabled }}, share-token{{ end }}]
{{- end }}

{{/* The keys that the values themselves give. */}}
{{- define "cygnet.inlineSecrets" -}}
{{- with .Values.secrets.oidcClientSecret }}
oidc-client-secret: {{ . | b64enc }}
{{- end }}
{{- with .Values.secrets.databaseUrl }}
database-url: {{ . | b64enc }}
{{- end }}
{{- end }}

{{/*
secretChecksum: (dict "root" $ "given" "…"). What changes a pod with a given secret, and
lets nobody who reads pods, and not Secrets, try guesses: it is made with a generated
key. Where the key is in a Secret that Helm does not see, each guess takes a while.
*/}}
{{- define "cygnet.secretChecksum" -}}
{{- $key := get (include "cygnet.generated" .root | fromYaml) "cookie-secret" -}}
{{- $given := .given -}}
{{- with .root.Values.secrets.existing -}}
{{- $there := lookup "v1" "Secret" $.root.Release.Namespace . | default dict -}}
{{- $key = get ($there.data | default dict) "cookie-secret" -}}
{{- end -}}
{{- if and $given (not $key) -}}
{{- $given = derivePassword 1 "maximum" $given .root.Release.Name "cygnet" -}}
{{- end -}}
{{- printf "%s %s" $key $given | sha256sum -}}
{{- end }}

{{/* Whether a database server is used: then the hub needs no volume. */}}
{{- define "cygnet.database" -}}
{{- if or .Values.secrets.databaseUrl .Values.secrets.databaseUrlFrom.name }}yes{{ end -}}
{{- end }}

{{/* Where the files of /etc/cygnet/secrets come from. */}}
{{- define "cygnet.secretSources" -}}
defaultMode: 0440
sources:
  - secret:
      name: {{ include "cygnet.secret" . }}
  {{- if include "cygnet.inlineSecrets" . | trim }}
  - secret:
      name: {{ include "cygnet.inlineSecretsName" . }}
  {{- end }}
  {{- with .Values.secrets.oidcClientSecretFrom }}
  {{- if .name }}
  - secret:
      name: {{ .name }}
      items:
        - key: {{ .key }}
          path: oidc-client-secret
  {{- end }}
  {{- end }}
  {{- with .Values.secrets.databaseUrlFrom }}
  {{- if .name }}
  - secret:
      name: {{ .name }}
      items:
        - key: {{ .key }}
          path: database-url
  {{- end }}
  {{- end }}
{{- end }}
