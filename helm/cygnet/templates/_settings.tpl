{{/*
The hub's settings: `config` as it was written, and what the chart alone knows. The
proxy is named in short: every further dot costs a question to DNS.
*/}}
{{- define "cygnet.settings" -}}
{{- $release := dict
  "name" .Release.Name
  "namespace" .Release.Namespace
  "version" .Chart.AppVersion
  "userImage" (include "cygnet.image" (dict "root" . "name" "user"))
  "imagePullPolicy" .Values.image.pullPolicy
  "imagePullSecrets" .Values.image.pullSecrets
  "extraCa" .Values.extraCa
  "hubUrl" (printf "http://%s.%s.svc:8081" (include "cygnet.hub" .) .Release.Namespace)
  "proxyApiUrl" (printf "http://%s:8001" (include "cygnet.proxyApi" .))
  "publicUrl" (include "cygnet.publicUrl" .)
  "hostPerPerson" (eq "true" (include "cygnet.hostPerUser" .))
  "prefix" (include "cygnet.prefix" .)
  "executorRole" (include "cygnet.globalExecutor" .)
-}}
{{- if .Values.sharing.enabled -}}
{{- $_ := set $release "shareUrl" (printf "http://%s.%s.svc:8082" (include "cygnet.share" .) .Release.Namespace) -}}
{{- if and (include "cygnet.shareVolume" .) (not .Values.sharing.storage.existingClaim) -}}
{{- $_ := set $release "shareStorageClass" .Values.sharing.storage.storageClass -}}
{{- end -}}
{{- end -}}
{{- merge (dict "release" $release) .Values.config | toPrettyJson -}}
{{- end }}
