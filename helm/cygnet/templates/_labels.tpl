{{/* selector: (dict "root" $ "component" "hub"): the labels of a pod that never change. */}}
{{- define "cygnet.selector" -}}
app.kubernetes.io/name: cygnet
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "cygnet.labels" -}}
{{ include "cygnet.selector" . }}
app.kubernetes.io/part-of: cygnet
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* The value of cygnet.org/release on everything that the hub makes. */}}
{{- define "cygnet.release" -}}{{ .Release.Namespace }}.{{ .Release.Name }}{{- end }}
