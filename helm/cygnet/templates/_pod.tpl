{{/* The security context of all pods: the Pod Security level `restricted`. */}}
{{- define "cygnet.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "cygnet.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* placement: (dict "root" $ "placement" .Values.hub.placement "class" "default"). */}}
{{- define "cygnet.placement" -}}
{{- with .placement.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .placement.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .placement.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .placement.priorityClassName | default (.class | default "") }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The class of hub and proxy. Its value cannot be changed, so its name has it. */}}
{{- define "cygnet.priorityClass" -}}
{{- with .Values.priority -}}
{{- if .create -}}
{{ include "cygnet.global" $ }}-{{ .value | int64 }}-{{ lower .preemptionPolicy }}
{{- end -}}
{{- end -}}
{{- end }}
