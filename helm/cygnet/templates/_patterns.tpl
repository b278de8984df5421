{{/* `make docs` writes this file from cygnet_hub/scalar.py. */}}
{{- define "cygnet.imagePattern" -}}^((([A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]+)?|\[[0-9a-fA-F:]+\](:[0-9]+)?)/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@[A-Za-z0-9+._-]+:[0-9a-fA-F]{32,})?)?${{- end }}
{{- define "cygnet.imageRemedy" -}}write a name, e.g. registry.example.org/team/user:1{{- end }}
{{- define "cygnet.registryPattern" -}}^(([A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]+)?|\[[0-9a-fA-F:]+\](:[0-9]+)?)(/[a-z0-9]+([._-]+[a-z0-9]+)*)*/?)?${{- end }}
{{- define "cygnet.registryRemedy" -}}write e.g. registry.example.org/team, without https://{{- end }}
