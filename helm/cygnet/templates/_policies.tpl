{{/* Images that users' pods may run: a CEL list. */}}
{{- define "cygnet.permittedImages" -}}
{{- $own := include "cygnet.image" (dict "root" . "name" "user") -}}
{{- $images := list $own -}}
{{- range .Values.config.images -}}
{{- $images = append $images (.image | default $own) -}}
{{- end -}}
{{ $images | uniq | toJson }}
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

{{/*
A value as CEL, in which literals have one type unless they are `dyn`. What Kubernetes
leaves out of an object, e.g. an empty list, is left out.
*/}}
{{- define "cygnet.cel" -}}
{{- if kindIs "map" . -}}
{{- $parts := list -}}
{{- range $key, $value := . -}}
{{- if not (or (kindIs "invalid" $value) (eq (toJson $value) "\"\"") (eq (toJson $value) "[]") (and (eq $key "matchLabels") (empty $value))) -}}
{{- $parts = append $parts (printf "%s: %s" (toJson $key) (include "cygnet.cel" $value)) -}}
{{- end -}}
{{- end -}}
dyn({{ "{" }}{{ join ", " $parts }}{{ "}" }})
{{- else if kindIs "slice" . -}}
{{- $parts := list -}}
{{- range . }}{{ $parts = append $parts (include "cygnet.cel" .) }}{{ end -}}
dyn([{{ join ", " $parts }}])
{{- else -}}
dyn({{ toJson . }})
{{- end -}}
{{- end }}

{{/*
fields: (dict "root" $ "place" "spec" "type" "PodSpec" "each" CEL): a validation of all
that stands at one place of an executor, by executor.yaml.
*/}}
{{- define "cygnet.fields" -}}
{{- $shape := get (.root.Files.Get "executor.yaml" | fromYaml) .type -}}
{{- $known := list -}}
{{- $rules := list -}}
{{- $words := list -}}
{{- range $key, $value := $shape.fixed -}}
{{- $known = append $known $key -}}
{{- $rules = append $rules (printf "one.?%s == optional.of(%s)" $key (include "cygnet.cel" $value)) -}}
{{- $words = append $words (printf "%s is %s" $key (toJson $value)) -}}
{{- end -}}
{{- range $key, $value := $shape.optional -}}
{{- $known = append $known $key -}}
{{- $rules = append $rules (printf "one.?%s.orValue(%s) == %s" $key (include "cygnet.cel" $value) (include "cygnet.cel" $value)) -}}
{{- $words = append $words (printf "%s is %s or left out" $key (toJson $value)) -}}
{{- end -}}
{{- $known = concat $known ($shape.bounded | default list) ($shape.free | default list) -}}
{{- $rules = prepend $rules (printf "dyn(one).all(name, name in %s)" (concat $known ($shape.written | default list) | toJson)) -}}
{{- $words = prepend $words (printf "only %s" (join ", " ($known | sortAlpha))) -}}
- expression: >-
    {{ .each }}.all(one, {{ join " && " $rules }})
  message: >-
    In {{ .place }} an executor has {{ join "; " $words }}.
{{- end }}
