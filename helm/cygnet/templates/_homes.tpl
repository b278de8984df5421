{{/* What becomes of homes that exist when an upgrade says another size for them. */}}
{{- define "cygnet.notedHomes" -}}
{{- if .Release.IsUpgrade -}}
{{- with lookup "v1" "ConfigMap" .Release.Namespace (include "cygnet.hub" .) -}}
{{- $before := get .data "settings.json" | fromJson | dig "storage" "size" "" | toString -}}
{{- $size := toString $.Values.config.storage.size -}}
{{- if and $before (ne $before $size) }}

config.storage.size was {{ $before }} and is {{ $size }}. Homes that exist and are smaller grow when their owner starts a server next, if
their storage class has allowVolumeExpansion; none is made smaller. The preflight counts those that cannot grow.
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
