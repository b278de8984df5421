{{/* Image names that are not valid: the schema would answer with a pattern. */}}
{{- define "cygnet.validateImages" -}}
{{- $images := dict "image.hub" .Values.image.hub "image.proxy" .Values.image.proxy "image.user" .Values.image.user -}}
{{- range $index, $one := .Values.config.images -}}
{{- $_ := set $images (printf "config.images[%d].image" $index) ($one.image | default "") -}}
{{- end -}}
{{- range $place, $name := $images -}}
{{- if not (regexMatch (include "cygnet.imagePattern" $) $name) }}
{{ $place }}: “{{ $name }}” is not a valid image name; {{ include "cygnet.imageRemedy" $ }}.
{{- end -}}
{{- end -}}
{{- with .Values.image.registry -}}
{{- if not (regexMatch (include "cygnet.registryPattern" $) .) }}
image.registry: “{{ . }}” is no beginning of an image's name; {{ include "cygnet.registryRemedy" $ }}.
{{- end -}}
{{- end -}}
{{- end }}
