{{/* The name of whatever belongs to the release. */}}
{{- define "fuselage.name" -}}
{{- if contains "fuselage" .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-fuselage" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects its pods; never changed, since a DaemonSet can't. */}}
{{- define "fuselage.selector" -}}
app.kubernetes.io/name: fuselage
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "fuselage.labels" -}}
{{ include "fuselage.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "fuselage.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "fuselage.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "fuselage.name" .) -}}
{{- end -}}

{{/* Where 9750 listens: on the node's network on loopback, unless told. */}}
{{- define "fuselage.httpHost" -}}
{{- $told := (.Values.config.http | default dict).host -}}
{{- $told | default (ternary "127.0.0.1" "0.0.0.0" .Values.hostNetwork) -}}
{{- end -}}

{{- define "fuselage.httpPort" -}}
{{- (.Values.config.http | default dict).port | default 9750 -}}
{{- end -}}

{{- define "fuselage.onLoopback" -}}
{{- if or (hasPrefix "127." (include "fuselage.httpHost" .)) (has (include "fuselage.httpHost" .) (list "::1" "localhost")) -}}
true
{{- end -}}
{{- end -}}

{{/* A duration of the program in milliseconds: a number alone is of seconds. */}}
{{- define "fuselage.milliseconds" -}}
{{- $unit := kindIs "string" . | ternary (regexFind "[a-z]+$" (toString .)) "" | default "s" -}}
{{- $number := kindIs "string" . | ternary (regexFind "^[0-9]+" (toString .)) . | int64 -}}
{{- mul $number (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000) $unit) -}}
{{- end -}}

{{/* The program's file of settings. */}}
{{- define "fuselage.settings" -}}
{{- $config := deepCopy .Values.config -}}
{{- $http := $config.http | default dict -}}
{{- $_ := set $http "host" (include "fuselage.httpHost" .) -}}
{{- $_ := set $config "http" $http -}}
{{- if not $config.containerd.socket -}}
{{- $_ := set $config "containerd" (omit $config.containerd "socket") -}}
{{- end -}}
{{- range $key, $value := $config -}}
{{- if and (kindIs "map" $value) (empty $value) -}}
{{- $_ := unset $config $key -}}
{{- end -}}
{{- end -}}
{{- dict "fuselage" $config | toYaml -}}
{{- end -}}

{{/*
What the node's directories are mounted for, as a list of {name, path, readOnly}. A directory that
lies in another one is mounted by itself only where it is written to and the other is not.
*/}}
{{- define "fuselage.directories" -}}
- name: root
  path: {{ .Values.config.root }}
- name: socket
  path: {{ dir .Values.config.socket }}
{{- with .Values.config.containerd.socket }}
- name: containerd
  path: {{ dir . }}
  readOnly: true
{{- end }}
{{- if ne .Values.config.containerd.install "off" }}
- name: containerd-config
  path: {{ dir .Values.config.containerd.config }}
  readOnly: true
- name: drop-in
  path: {{ dir (index .Values.config.containerd "drop-in") }}
{{- end }}
{{- if eq .Values.config.containerd.install "default-snapshotter" }}
- name: static-pods
  path: {{ index .Values.config.containerd "static-pods" | default "/etc/kubernetes/manifests" }}
  readOnly: true
{{- end }}
{{- with (.Values.config.backup | default dict).directory }}
{{- if not (hasPrefix (printf "%s/" $.Values.config.root) .) }}
- name: backups
  path: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* (list context path) */}}
{{- define "fuselage.probe" -}}
{{- $context := index . 0 -}}
httpGet:
  path: {{ index . 1 }}
  port: http
  {{- if include "fuselage.onLoopback" $context }}
  host: {{ include "fuselage.httpHost" $context }}
  {{- end }}
{{- end -}}

{{/* Whether it is the snapshotter of every pod of a node. */}}
{{- define "fuselage.isDefault" -}}
{{- if or .Values.defaultSnapshotter (eq .Values.config.containerd.install "default-snapshotter") -}}
true
{{- end -}}
{{- end -}}

{{/* The affinity that keeps away from nodes of the other DaemonSet. */}}
{{- define "fuselage.withoutBootstrap" -}}
{{- $required := "requiredDuringSchedulingIgnoredDuringExecution" -}}
{{- $other := dict "key" "fuselage.dev/bootstrap" "operator" "DoesNotExist" -}}
{{- $affinity := deepCopy (.Values.affinity | default dict) -}}
{{- $nodes := $affinity.nodeAffinity | default dict -}}
{{- $terms := list -}}
{{- range dig $required "nodeSelectorTerms" (list dict) $nodes -}}
{{- $terms = append $terms (set . "matchExpressions" (append (.matchExpressions | default list) $other)) -}}
{{- end -}}
{{- $_ := set $nodes $required (dict "nodeSelectorTerms" $terms) -}}
{{- $_ := set $affinity "nodeAffinity" $nodes -}}
{{- toYaml $affinity -}}
{{- end -}}

{{/* The names of its DaemonSets, as a list. */}}
{{- define "fuselage.daemonsets" -}}
- {{ include "fuselage.name" . }}
{{- if include "fuselage.isDefault" . }}
- {{ include "fuselage.name" . }}-bootstrap
{{- end }}
{{- end -}}

{{/* How a container learns in which namespace it is. */}}
{{- define "fuselage.namespace" -}}
- name: FUSELAGE_KUBERNETES_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end -}}

{{/* Of what is there only while the guard asks, with its place in the order. */}}
{{- define "fuselage.guard" -}}
helm.sh/hook: pre-delete
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
{{- end -}}
