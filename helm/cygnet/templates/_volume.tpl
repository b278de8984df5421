{{/*
volumeSpec: (dict "root" $ "name" NAME "storage" .Values.hub.storage): of a claim, whose
class Kubernetes does not change, even if the values no longer name it.
*/}}
{{- define "cygnet.volumeSpec" -}}
accessModes: [ReadWriteOnce]
resources:
  requests:
    storage: {{ .storage.size }}
{{- $claim := lookup "v1" "PersistentVolumeClaim" .root.Release.Namespace .name }}
{{- with .storage.storageClass | default (dig "spec" "storageClassName" "" $claim) }}
storageClassName: {{ . }}
{{- end }}
{{- end }}

{{/* What Kubernetes would refuse of the release's volumes. */}}
{{- define "cygnet.validateVolumes" -}}
{{- if not (or (include "cygnet.database" .) .Values.hub.storage.existingClaim) -}}
{{- include "cygnet.validateVolume" (dict "root" . "name" (include "cygnet.hub" .) "place" "hub.storage" "storage" .Values.hub.storage "content" "the hub's database" "move" "the database") -}}
{{- end -}}
{{- if and .Values.sharing.enabled (include "cygnet.shareVolume" .) (not .Values.sharing.storage.existingClaim) -}}
{{- include "cygnet.validateVolume" (dict "root" . "name" (include "cygnet.share" .) "place" "sharing.storage" "storage" .Values.sharing.storage "content" "what users share" "move" "its content") -}}
{{- end -}}
{{- end }}

{{/*
What Kubernetes would refuse of a volume, when Helm has changed other objects already. A
rendering without the cluster knows nothing of it.
*/}}
{{- define "cygnet.validateVolume" -}}
{{- $ := . -}}
{{- with lookup "v1" "PersistentVolumeClaim" .root.Release.Namespace .name -}}
{{- $wanted := $.storage -}}
{{- $has := .spec.resources.requests.storage -}}
{{- $capacity := dig "status" "capacity" "storage" $has . -}}
{{- $bytes := include "cygnet.bytes" $wanted.size | float64 -}}
{{- if and (lt $bytes (include "cygnet.bytes" $has | float64)) (le $bytes (include "cygnet.bytes" $capacity | float64)) }}
{{ $.place }}.size: is {{ $wanted.size }}, and the volume claim {{ .metadata.name }} has {{ $has }}, with {{ $.content }}. Kubernetes makes no volume smaller. Write {{ $has }} or more.
{{- end -}}
{{- $class := .spec.storageClassName | default "" -}}
{{- if and $wanted.storageClass (ne $wanted.storageClass $class) }}
{{ $.place }}.storageClass: is {{ $wanted.storageClass }}, and the volume claim {{ .metadata.name }} has {{ $class | default "none" }}, with {{ $.content }}. Kubernetes changes no class of a claim. Write {{ $class | default "nothing" }}, or copy {{ $.move }} into a claim of your own and name that in {{ $.place }}.existingClaim.
{{- end -}}
{{- end -}}
{{- end }}

{{/* An amount of memory or disk as a number of bytes. */}}
{{- define "cygnet.bytes" -}}
{{- if not (kindIs "string" .) -}}
{{- printf "%.0f" (float64 .) -}}
{{- else -}}
{{- $units := dict "" 1.0 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 -}}
{{- range $power, $unit := list "Ki" "Mi" "Gi" "Ti" "Pi" "Ei" -}}
{{- $factor := 1024.0 -}}
{{- range until $power }}{{ $factor = mulf $factor 1024.0 }}{{ end -}}
{{- $_ := set $units $unit $factor -}}
{{- end -}}
{{- $number := regexFind "^[0-9.]+([eE][-+]?[0-9]+)?" . -}}
{{- printf "%.0f" (mulf (float64 $number) (get $units (trimPrefix $number .))) -}}
{{- end -}}
{{- end }}
