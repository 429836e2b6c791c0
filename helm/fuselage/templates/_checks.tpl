{{/* What the schema can't see: each refusal is a sentence that says what to do. */}}
{{- define "fuselage.checks" -}}
{{- include "fuselage.checkCluster" . -}}
{{- $config := .Values.config -}}
{{- $backups := ($config.backup | default dict).directory -}}
{{- range $name, $path := dict "root" $config.root "socket" $config.socket "backup.directory" $backups -}}
{{- if and $path (ne $path (clean $path)) -}}
{{- fail (printf "config.%s is %s: write it as %s, since the program, containerd and the mount must name the same path" $name $path (clean $path)) -}}
{{- end -}}
{{- end -}}
{{- if has (dir $config.socket) (list "/" "/run" "/var/run" "/tmp") -}}
{{- fail (printf "config.socket is %s: its directory is mounted into the pod, so give it one of its own, as /run/fuselage/fuselage.sock" $config.socket) -}}
{{- end -}}
{{- if eq (dir $config.socket) (dir ($config.containerd.socket | default "/")) -}}
{{- fail (printf "config.socket is %s, in containerd's own directory, which is mounted read-only: give it one of its own, as /run/fuselage/fuselage.sock" $config.socket) -}}
{{- end -}}
{{- if and (not .Values.hostNetwork) (include "fuselage.onLoopback" .) -}}
{{- fail (printf "config.http.host is %s: on the pod's own network the kubelet could not reach the probes there; leave it out, or set hostNetwork to true" (include "fuselage.httpHost" .)) -}}
{{- end -}}
{{- if and .Values.hostNetwork (not .Values.exposeOnNode) (not (include "fuselage.onLoopback" .)) -}}
{{- fail (printf "config.http.host is %s: on the node's network whoever reaches the node would read port %s, past every NetworkPolicy and without a login; leave it out, or set exposeOnNode to true" (include "fuselage.httpHost" .) (include "fuselage.httpPort" .)) -}}
{{- end -}}
{{- if and .Values.podMonitor.enabled .Values.networkPolicy.enabled (not .Values.hostNetwork) (not .Values.networkPolicy.from) -}}
{{- fail "podMonitor.enabled is true, but the NetworkPolicy lets nobody in: name your Prometheus in networkPolicy.from, or set networkPolicy.enabled to false" -}}
{{- end -}}
{{- if and (ne $config.containerd.install "off") (not $config.containerd.socket) -}}
{{- fail (printf "config.containerd.install is %s, but config.containerd.socket is empty: what is written depends on containerd's version, which is asked for there" $config.containerd.install) -}}
{{- end -}}
{{- if and (ne $config.containerd.install "off") (eq (dir $config.containerd.config) (dir (index $config.containerd "drop-in"))) -}}
{{- fail "config.containerd.drop-in is beside config.containerd.config: give it a directory of its own, since all else of containerd's is mounted read-only" -}}
{{- end -}}
{{- if and (ne $config.containerd.install "off") (not (hasSuffix ".toml" (index $config.containerd "drop-in"))) -}}
{{- fail (printf "config.containerd.drop-in is %s: let its name end in .toml, since *.toml is what containerd is told to import" (index $config.containerd "drop-in")) -}}
{{- end -}}
{{- if and $backups (eq $backups $config.root) -}}
{{- fail (printf "config.backup.directory is %s, the same as config.root: leave it out, or give backups a directory of their own" $backups) -}}
{{- end -}}
{{- $mounted := dict "/etc/fuselage" "settings" -}}
{{- range $directory := include "fuselage.directories" . | fromYamlArray -}}
{{- with get $mounted $directory.path -}}
{{- fail (printf "%s would be mounted into the pod twice, as %s and as %s: give each a directory of its own" $directory.path . $directory.name) -}}
{{- end -}}
{{- $_ := set $mounted $directory.path $directory.name -}}
{{- end -}}
{{- $drain := $config.drain | default "10s" -}}
{{- if ge (include "fuselage.milliseconds" $drain | int64) (mul 1000 .Values.terminationGracePeriodSeconds) -}}
{{- fail (printf "config.drain is %v, but the pod is killed after terminationGracePeriodSeconds=%v: let that be longer, or the drain shorter" $drain .Values.terminationGracePeriodSeconds) -}}
{{- end -}}
{{- if and .Values.defaultSnapshotter (eq $config.containerd.install "runtime-class") -}}
{{- fail "defaultSnapshotter is true, but config.containerd.install is runtime-class: set that to default-snapshotter, or to off if you configure containerd yourself" -}}
{{- end -}}
{{- if and (include "fuselage.isDefault" .) (not .Values.hostNetwork) -}}
{{- fail "Fuselage is to be the default snapshotter, but hostNetwork is false: the pod would wait for a network whose own pods may wait for it; set hostNetwork to true" -}}
{{- end -}}
{{- if and $config.kubernetes.evacuate (not $config.kubernetes.maintenance) -}}
{{- fail "config.kubernetes.evacuate is true, but config.kubernetes.maintenance is false: nothing would evacuate" -}}
{{- end -}}
{{- if and (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail "serviceAccount.create is false, but serviceAccount.name is empty: name the one to use" -}}
{{- end -}}
{{- end -}}


{{/* What only the cluster tells: `helm template` without one finds nothing there. */}}
{{- define "fuselage.checkCluster" -}}
{{- $bootstrap := printf "%s-bootstrap" (include "fuselage.name" .) -}}
{{- $nodes := dig "status" "desiredNumberScheduled" 0 (lookup "apps/v1" "DaemonSet" .Release.Namespace $bootstrap) | int -}}
{{- if and $nodes (not (include "fuselage.isDefault" .)) -}}
{{- fail (printf "Fuselage is the default snapshotter of %d nodes, where its own pod starts by DaemonSet and RuntimeClass %s alone, which this would delete: have the nodes let go first (kubectl annotate fsn --all fuselage.dev/uninstall=requested), as docs/kubernetes.md tells in \"From every pod back to some\"" $nodes $bootstrap) -}}
{{- end -}}
{{- /* Who makes no ClusterRole may have no right to look. */ -}}
{{- if or .Values.rbac.create .Values.uninstall.guard -}}
{{- range (lookup "apps/v1" "DaemonSet" "" "").items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- $ours := and (eq .metadata.namespace $.Release.Namespace) (eq (index $labels "app.kubernetes.io/instance" | default "") $.Release.Name) -}}
{{- if and (eq (index $labels "app.kubernetes.io/name" | default "") "fuselage") (not $ours) -}}
{{- fail (printf "there is a Fuselage in this cluster already, DaemonSet %s/%s: plugin, handler, labels and FuselageNodes have one name, and to uninstall one of two would take both off their nodes; upgrade or uninstall that one" .metadata.namespace .metadata.name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
