{{- /* The pod, the same in a Deployment and in a StatefulSet. */ -}}

{{- define "embargo.pod" -}}
metadata:
  annotations:
    # A changed configuration is a rollout. Changed policies are not: a running server takes them up.
    checksum/config: {{ include "embargo.config" . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "embargo.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "embargo.serviceAccount" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- if .Values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- if .Values.topologySpread.constraints }}
    {{- toYaml .Values.topologySpread.constraints | nindent 4 }}
    {{- else }}
    {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "embargo.selector" $ | nindent 10 }}
    {{- end }}
    {{- end }}
  {{- end }}
  containers:
    - name: embargo
      image: {{ include "embargo.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --config=/config/embargo.yaml]
      {{- with .Values.extraEnv }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: grpc
          containerPort: 8181
        - name: management
          containerPort: {{ .Values.management.port }}
      startupProbe:
        httpGet: {path: /readyz, port: management}
        {{- toYaml .Values.probes.startup | nindent 8 }}
      livenessProbe:
        httpGet: {path: /livez, port: management}
        {{- toYaml .Values.probes.liveness | nindent 8 }}
      readinessProbe:
        httpGet: {path: /readyz, port: management}
        {{- toYaml .Values.probes.readiness | nindent 8 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        - name: config
          mountPath: /config
          readOnly: true
        - name: state
          mountPath: /state
        # Where the server watches its own file events, and nothing else.
        - name: scratch
          mountPath: /tmp
        {{- if or .Values.policies.files .Values.policies.configMaps }}
        - name: policies
          mountPath: /policies
          readOnly: true
        {{- end }}
        {{- if .Values.policies.bundle.url }}
        - name: bundle
          mountPath: /bundle
          readOnly: true
        {{- end }}
        {{- if .Values.tls.enabled }}
        - name: tls
          mountPath: /tls
          readOnly: true
        {{- if include "embargo.named" .Values.tls.clientCa }}
        - name: client-ca
          mountPath: /client-ca
          readOnly: true
        {{- end }}
        {{- end }}
        {{- if .Values.identity.tokens.enabled }}
        - name: tokens
          mountPath: /tokens
          readOnly: true
        {{- end }}
        {{- if .Values.decisionLog.hmacKey.secret }}
        - name: log-key
          mountPath: /log-key
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "embargo.fullname" . }}
    {{- if not .Values.state.persistence.enabled }}
    - name: state
      emptyDir:
        sizeLimit: {{ .Values.state.sizeLimit }}
    {{- end }}
    - name: scratch
      emptyDir:
        sizeLimit: 16Mi
    {{- if or .Values.policies.files .Values.policies.configMaps }}
    - name: policies
      projected:
        sources:
          {{- if .Values.policies.files }}
          - configMap:
              name: {{ include "embargo.fullname" . }}-policies
              items:
                {{- range $path, $_ := .Values.policies.files }}
                - key: {{ include "embargo.policyKey" $path }}
                  path: {{ $path | quote }}
                {{- end }}
          {{- end }}
          {{- range .Values.policies.configMaps }}
          - configMap:
              name: {{ .name }}
              {{- with .items }}
              items:
                {{- toYaml . | nindent 16 }}
              {{- end }}
          {{- end }}
    {{- end }}
    {{- with .Values.policies.bundle }}
    {{- if .url }}
    - name: bundle
      projected:
        sources:
          {{- include "embargo.projected" (dict "from" .signatureKey "path" "key.pem" "what" "policies.bundle.signatureKey") | trim | nindent 10 }}
          {{- with include "embargo.projected" (dict "from" .token "path" "token" "what" "policies.bundle.token") | trim }}
          {{- . | nindent 10 }}
          {{- end }}
          {{- with include "embargo.projected" (dict "from" .ca "path" "ca.crt" "what" "policies.bundle.ca") | trim }}
          {{- . | nindent 10 }}
          {{- end }}
    {{- end }}
    {{- end }}
    {{- if .Values.tls.enabled }}
    - name: tls
      secret:
        secretName: {{ include "embargo.tlsSecret" . }}
        defaultMode: 0440
    {{- if include "embargo.named" .Values.tls.clientCa }}
    - name: client-ca
      projected:
        sources:
          {{- include "embargo.projected" (dict "from" .Values.tls.clientCa "path" "ca.crt" "what" "tls.clientCa") | trim | nindent 10 }}
    {{- end }}
    {{- end }}
    {{- if .Values.identity.tokens.enabled }}
    - name: tokens
      secret:
        secretName: {{ include "embargo.tokensSecret" . }}
        defaultMode: 0440
        items: [{key: {{ .Values.identity.tokens.key }}, path: tokens.yaml}]
    {{- end }}
    {{- with .Values.decisionLog.hmacKey }}
    {{- if .secret }}
    - name: log-key
      secret:
        secretName: {{ .secret }}
        defaultMode: 0440
        items: [{key: {{ .key }}, path: key}]
    {{- end }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- /* The key of a ConfigMap for a path: keys have no slashes. */ -}}
{{- define "embargo.policyKey" -}}
{{- . | replace "/" "--" }}
{{- end }}
