{{/* What happens to existing homes when an upgrade changes storage.size. */}}
{{- define "cygnet.notedHomes" -}}
{{- if .Release.IsUpgrade -}}
{{- with lookup "v1" "ConfigMap" .Release.Namespace (include "cygnet.hub" .) -}}
{{- $settings := get .data "settings.json" | fromJson -}}
{{- $before := $settings | dig "storage" "size" "" | toString -}}
{{- $size := toString $.Values.config.storage.size -}}
{{- if not (hasKey (dig "network" dict $settings) "allowedPods") }}

From this version on, homes that exist grow to config.storage.size ({{ $size }}) when their owner starts a server next, if their storage
class has allowVolumeExpansion. Kubernetes makes no volume smaller: set the size that homes have now, if they are to stay.
{{- else if and $before (ne $before $size) }}

config.storage.size was {{ $before }} and is {{ $size }}. Homes that exist and are smaller grow when their owner starts a server next, if
their storage class has allowVolumeExpansion; none is made smaller. The preflight counts those that cannot grow.
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
