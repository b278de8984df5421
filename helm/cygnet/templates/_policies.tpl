{{/* Images that users' pods may run: a CEL list. */}}
{{- define "cygnet.permittedImages" -}}
{{- $own := include "cygnet.image" (dict "root" . "name" "user") -}}
{{- $images := list $own -}}
{{- range .Values.config.images -}}
{{- $images = append $images (.image | default $own) -}}
{{- end -}}
{{ $images | uniq | toJson }}
{{- end }}

{{/*
The largest executor that any offered cluster asks for, as JSON. Memory: twice the
heap and one GiB, which holds Spark's overhead for Python (at most 0.4 of the heap).
*/}}
{{- define "cygnet.largestExecutor" -}}
{{- $given := include "cygnet.clusterDefaults" . | fromJson -}}
{{- $cores := 0 -}}
{{- $mebibytes := 0 -}}
{{- range .Values.config.clusters -}}
{{- if eq .type "kubernetes" -}}
{{- $heap := .executorMemory | default $given.executorMemory -}}
{{- $size := regexFind "^[0-9]+" $heap | int -}}
{{- if hasSuffix "g" $heap }}{{ $size = mul $size 1024 }}{{ end -}}
{{- $mebibytes = max $mebibytes (add (mul 2 $size) 1024) -}}
{{- $cores = max $cores (.executorCores | default $given.executorCores | int) -}}
{{- end -}}
{{- end -}}
{{ dict "cores" (toString $cores) "memory" (printf "%dMi" (int $mebibytes)) | toJson }}
{{- end }}

{{/* Binds a policy to the users' namespaces of this release. */}}
{{- define "cygnet.bindToUsers" -}}
validationActions: [Deny]
matchResources:
  namespaceSelector:
    matchLabels:
      cygnet.org/release: {{ include "cygnet.release" . }}
{{- end }}

{{/* Requests that users' pods make, whatever account these use. */}}
{{- define "cygnet.notTheHub" -}}
- name: not-the-hub
  expression: request.userInfo.username != '{{ include "cygnet.hubAccount" . }}'
# Kubernetes' own controllers, schedulers and nodes finish, bind and collect pods.
- name: not-kubernetes
  expression: >-
    !request.userInfo.username.startsWith('system:kube-') &&
    !request.userInfo.username.startsWith('system:node:') &&
    !request.userInfo.username.startsWith('system:serviceaccount:kube-system:')
{{- end }}

{{/* The taints that users' pods tolerate: a CEL list of keys. */}}
{{- define "cygnet.toleratedKeys" -}}
{{- $keys := list "-" -}}
{{- range .Values.config.placement.tolerations -}}
{{- $keys = append $keys (.key | default "-") -}}
{{- end -}}
{{ $keys | uniq | toJson }}
{{- end }}
