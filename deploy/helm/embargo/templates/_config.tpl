{{- /* embargo.yaml: what the chart sets, and the settings of .Values.config over it. */ -}}

{{- define "embargo.config" -}}
{{- range $taken := list "listen" "management" "tls" "insecure" "bundle" "drain_limit" }}
{{- if hasKey $.Values.config $taken }}
{{- fail (printf "config.%s is set by other values of the chart; see values.yaml" $taken) }}
{{- end }}
{{- end }}
{{- if hasKey (default dict .Values.config.policies) "folder" }}
{{- fail "config.policies.folder is set by policies.files and policies.configMaps; see values.yaml" }}
{{- end }}
{{- if ge (trimSuffix "s" .Values.drainLimit | int) (int .Values.terminationGracePeriodSeconds) }}
{{- fail "terminationGracePeriodSeconds must be longer than drainLimit, or running answers are lost" }}
{{- end }}
{{- $log := default dict .Values.config.decision_log }}
{{- if and (eq (default "off" $log.mode) "strict") (not .Values.state.persistence.enabled) }}
{{- fail "config.decision_log.mode strict needs state.persistence: what is on an emptyDir goes with the pod" }}
{{- end }}
{{- $policies := dict "state" "/state/policies" }}
{{- $bundle := .Values.policies.bundle }}
{{- $hasFiles := or .Values.policies.files .Values.policies.configMaps }}
{{- if and $bundle.url $hasFiles }}
{{- fail "policies: name a bundle, or files and configMaps, not both" }}
{{- end }}
{{- if $hasFiles }}
{{- $_ := set $policies "folder" "/policies" }}
{{- end }}
{{- $config := dict
  "listen" "0.0.0.0:8181"
  "drain_limit" .Values.drainLimit
  "policies" $policies
  "management" (dict "listen" (printf "0.0.0.0:%v" .Values.management.port))
  "log" (dict "format" "json") }}
{{- if $bundle.url }}
{{- $settings := dict "url" $bundle.url "poll_interval" $bundle.pollInterval }}
{{- if include "embargo.named" $bundle.signatureKey }}
{{- $_ := set $settings "signature" (dict "key_file" "/bundle/key.pem") }}
{{- else }}
{{- fail "policies.bundle.signatureKey: name the public key that signatures are verified by" }}
{{- end }}
{{- if $bundle.token.secret }}
{{- $_ := set $settings "token_file" "/bundle/token" }}
{{- end }}
{{- if include "embargo.named" $bundle.ca }}
{{- $_ := set $settings "ca_file" "/bundle/ca.crt" }}
{{- end }}
{{- $_ := set $config "bundle" $settings }}
{{- end }}
{{- if .Values.insecure }}
{{- $_ := set $config "insecure" true }}
{{- else if not (and .Values.tls.enabled (or .Values.identity.tokens.enabled .Values.config.identity)) }}
{{- fail "the server listens beyond its pod: turn tls and identity on, or say insecure: true where something else does both" }}
{{- end }}
{{- if .Values.tls.enabled }}
{{- $tls := dict "certificate" "/tls/tls.crt" "key" "/tls/tls.key" }}
{{- if include "embargo.named" .Values.tls.clientCa }}
{{- $_ := set $tls "client_ca" "/client-ca/ca.crt" }}
{{- $_ := set $tls "client_auth" .Values.tls.clientAuth }}
{{- end }}
{{- $_ := set $config "tls" $tls }}
{{- end }}
{{- if .Values.identity.tokens.enabled }}
{{- $_ := set $config "identity" (dict "tokens_file" "/tokens/tokens.yaml") }}
{{- end }}
{{- if eq (default "off" $log.mode) "strict" }}
{{- $_ := set $config "decision_log" (dict "spool" (dict "folder" "/state/decision-log")) }}
{{- end }}
{{- if .Values.decisionLog.hmacKey.secret }}
{{- $log := default dict $config.decision_log }}
{{- $_ := set $log "hmac_key_file" "/log-key/key" }}
{{- $_ := set $config "decision_log" $log }}
{{- end }}
{{- toYaml (mergeOverwrite $config (deepCopy .Values.config)) }}
{{- end }}
