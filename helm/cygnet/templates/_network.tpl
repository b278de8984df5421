{{/*
An egress rule for names: policies see the port at which DNS pods listen, which is
not the Service's everywhere (1053 and 5353 are common).
*/}}
{{- define "cygnet.dns" -}}
- ports:
    {{- range list 53 1053 5353 8053 }}
    - port: {{ . }}
      protocol: UDP
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end }}
