{{- /* Names and labels. */ -}}

{{- define "embargo.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "embargo.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "embargo.selector" -}}
app.kubernetes.io/name: {{ include "embargo.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "embargo.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "embargo.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "embargo.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "embargo.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "embargo.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end }}
{{- end }}

{{- define "embargo.tlsSecret" -}}
{{- default (printf "%s-tls" (include "embargo.fullname" .)) .Values.tls.secretName }}
{{- end }}

{{- define "embargo.tokensSecret" -}}
{{- default (printf "%s-tokens" (include "embargo.fullname" .)) .Values.identity.tokens.secretName }}
{{- end }}

{{- /* A file for a volume, from a ConfigMap or a Secret: (dict "from" {configMap, secret, key} "path" NAME "what" VALUE). */ -}}
{{- define "embargo.projected" -}}
{{- if and .from.configMap .from.secret }}
{{- fail (printf "%s: name a configMap or a secret, not both" .what) }}
{{- end }}
{{- if .from.secret -}}
- secret:
    name: {{ .from.secret }}
    items: [{key: {{ .from.key }}, path: {{ .path }}}]
{{- else if .from.configMap -}}
- configMap:
    name: {{ .from.configMap }}
    items: [{key: {{ .from.key }}, path: {{ .path }}}]
{{- end }}
{{- end }}

{{- /* Whether anything is named in {configMap, secret}; "true" or empty. */ -}}
{{- define "embargo.named" -}}
{{- if or .configMap .secret }}true{{ end }}
{{- end }}
