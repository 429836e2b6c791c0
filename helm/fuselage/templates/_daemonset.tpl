{{/* The DaemonSet: (list context bootstrap), the latter for nodes whose default snapshotter is Fuselage. */}}
{{- define "fuselage.daemonset" -}}
{{- $bootstrap := index . 1 -}}
{{- with index . 0 -}}
{{- $directories := include "fuselage.directories" . | fromYamlArray -}}
{{- $name := include "fuselage.name" . | printf (ternary "%s-bootstrap" "%s" $bootstrap) -}}
{{- $component := ternary "bootstrap" "node" $bootstrap -}}
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "fuselage.labels" . | nindent 4 }}
spec:
  selector:
    matchLabels:
      {{- include "fuselage.selector" . | nindent 6 }}
      app.kubernetes.io/component: {{ $component }}
  updateStrategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: {{ .Values.updateStrategy.maxUnavailable }}
      # A second pod would wait for the first one's lock on the root, and never be ready.
      maxSurge: 0
  template:
    metadata:
      labels:
        {{- include "fuselage.selector" . | nindent 8 }}
        app.kubernetes.io/component: {{ $component }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: fuselage
        checksum/config: {{ include "fuselage.settings" . | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "fuselage.serviceAccount" . }}
      automountServiceAccountToken: {{ .Values.config.kubernetes.enabled }}
      enableServiceLinks: false
      {{- with .Values.image.pullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if $bootstrap }}
      runtimeClassName: fuselage-bootstrap
      {{- end }}
      priorityClassName: {{ .Values.priorityClassName }}
      {{- if .Values.hostNetwork }}
      hostNetwork: true
      dnsPolicy: ClusterFirstWithHostNet
      {{- end }}
      terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
      {{- $selector := .Values.nodeSelector | default dict }}
      {{- if $bootstrap }}
      # The RuntimeClass asks for it too, but only once a pod is made: one for every node, then.
      {{- $selector = merge (dict "fuselage.dev/bootstrap" "true") $selector }}
      {{- end }}
      {{- with $selector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- $affinity := .Values.affinity }}
      {{- if and (include "fuselage.isDefault" .) (not $bootstrap) }}
      {{- $affinity = include "fuselage.withoutBootstrap" . | fromYaml }}
      {{- end }}
      {{- with $affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: fuselage
          image: {{ include "fuselage.image" . }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args: [serve]
          env:
            - name: FUSELAGE_CONFIG
              value: /etc/fuselage/fuselage.yaml
            - name: FUSELAGE_KUBERNETES_NODE
              valueFrom:
                fieldRef:
                  fieldPath: spec.nodeName
            {{- include "fuselage.namespace" . | nindent 12 }}
            - name: FUSELAGE_SOCKET
              # For `kubectl exec`: the commands don't read the file.
              value: {{ .Values.config.socket }}
            - name: FUSELAGE_ROOT
              value: {{ .Values.config.root }}
            - name: QUARKUS_LOG_CATEGORY__DEV_FUSELAGE__LEVEL
              value: {{ .Values.log.level }}
            - name: QUARKUS_LOG_CONSOLE_JSON_ENABLED
              value: {{ .Values.log.json | quote }}
            {{- with .Values.javaOptions }}
            - name: FUSELAGE_JAVA_OPTS
              value: {{ . | quote }}
            {{- end }}
          ports:
            - name: http
              containerPort: {{ include "fuselage.httpPort" . }}
          # Alive is a process that answers at all; a disk that hangs takes readiness alone.
          startupProbe:
            {{- include "fuselage.probe" (list . "/health/live") | nindent 12 }}
            periodSeconds: 1
            timeoutSeconds: 5
            failureThreshold: 120
          livenessProbe:
            {{- include "fuselage.probe" (list . "/health/live") | nindent 12 }}
            periodSeconds: 10
            timeoutSeconds: 10
            failureThreshold: 6
          readinessProbe:
            {{- include "fuselage.probe" (list . "/health/ready") | nindent 12 }}
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          # Uid 0 of the node's user namespace, with what laying out the layers of any owner takes.
          securityContext:
            runAsUser: 0
            runAsGroup: 0
            privileged: false
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
              add: [CHOWN, DAC_OVERRIDE, FOWNER]
            seccompProfile:
              type: RuntimeDefault
            {{- with .Values.seLinuxOptions }}
            seLinuxOptions:
              {{- toYaml . | nindent 14 }}
            {{- end }}
          volumeMounts:
            - name: settings
              mountPath: /etc/fuselage
              readOnly: true
            {{- range $directories }}
            - name: {{ .name }}
              mountPath: {{ .path }}
              {{- if .readOnly }}
              readOnly: true
              {{- end }}
            {{- end }}
      volumes:
        - name: settings
          configMap:
            name: {{ include "fuselage.name" . }}
        {{- range $directories }}
        - name: {{ .name }}
          hostPath:
            path: {{ .path }}
            type: DirectoryOrCreate
        {{- end }}
{{- end -}}
{{- end -}}
