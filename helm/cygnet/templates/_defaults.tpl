{{/* `make docs` writes this file from cygnet_hub/cluster_settings.py. */}}
{{- define "cygnet.clusterDefaults" -}}
{"spark": [], "maxExecutors": 2, "executorCores": 1, "executorCpuRequest": "250m", "executorMemory": "1g", "groups": []}
{{- end }}
