{{/* preflight: (dict "weight" "1"): what `helm test` makes, and removes when all is well. */}}
{{- define "cygnet.testHook" -}}
helm.sh/hook: test
helm.sh/hook-weight: {{ .weight | quote }}
helm.sh/hook-delete-policy: before-hook-creation{{ if not .kept }},hook-succeeded{{ end }}
{{- end }}

{{/* What the pods of the preflight have in common: (dict "root" $ "command" list). */}}
{{- define "cygnet.preflightContainer" -}}
name: preflight
image: {{ include "cygnet.image" (dict "root" .root "name" "hub") }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
command: [python3, -m, cygnet_hub.kubernetes.preflight_probe]
args: {{ .arguments | toJson }}
securityContext: {{ include "cygnet.containerSecurity" . | nindent 2 }}
resources:
  requests:
    cpu: 10m
    memory: 64Mi
  limits:
    memory: {{ .memory | default "256Mi" }}
{{- end }}
