{{/*
What Kubernetes would refuse of the hub's volume, when Helm has changed other objects
already. A rendering without the cluster knows nothing of it.
*/}}
{{- define "cygnet.validateVolume" -}}
{{- if not (or (include "cygnet.database" .) .Values.hub.storage.existingClaim) -}}
{{- $wanted := .Values.hub.storage -}}
{{- with lookup "v1" "PersistentVolumeClaim" .Release.Namespace (include "cygnet.hub" .) -}}
{{- $has := .spec.resources.requests.storage -}}
{{- $capacity := dig "status" "capacity" "storage" $has . -}}
{{- $bytes := include "cygnet.bytes" $wanted.size | float64 -}}
{{- if and (lt $bytes (include "cygnet.bytes" $has | float64)) (le $bytes (include "cygnet.bytes" $capacity | float64)) }}
hub.storage.size: is {{ $wanted.size }}, and the volume claim {{ .metadata.name }} has {{ $has }}, with the hub's database. Kubernetes makes no volume smaller. Write {{ $has }} or more.
{{- end -}}
{{- $class := .spec.storageClassName | default "" -}}
{{- if and $wanted.storageClass (ne $wanted.storageClass $class) }}
hub.storage.storageClass: is {{ $wanted.storageClass }}, and the volume claim {{ .metadata.name }} has {{ $class | default "none" }}, with the hub's database. Kubernetes changes no class of a claim. Write {{ $class | default "nothing" }}, or copy the database into a claim of your own and name that in hub.storage.existingClaim.
{{- end -}}
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
