{{/*
The ports of DNS: policies see the port at which DNS pods listen, which is not the
Service's everywhere (1053 and 5353 are common).
*/}}
{{- define "cygnet.dnsPorts" -}}
{{- range list 53 1053 5353 8053 }}
- port: {{ . }}
  protocol: UDP
- port: {{ . }}
  protocol: TCP
{{- end }}
{{- end }}

{{/* An egress rule for names. */}}
{{- define "cygnet.dns" -}}
- ports: {{- include "cygnet.dnsPorts" . | trim | nindent 4 }}
{{- end }}

{{/* The same for a pod that sends nothing elsewhere: the cluster's own DNS alone. */}}
{{- define "cygnet.clusterDns" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports: {{- include "cygnet.dnsPorts" . | trim | nindent 4 }}
{{- end }}
