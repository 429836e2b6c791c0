#!/usr/bin/env bash
# The node of a cluster: makes this mount namespace look like a machine of its own, starts
# Kubernetes part by part, and then does what cluster.sh asks for. When it ends, all of it ends.
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$CLUSTER/dev/lib.sh"
# shellcheck source=src/dev/sh/cluster-cgroups.sh
source "$CLUSTER/dev/cluster-cgroups.sh"
# shellcheck source=src/dev/sh/cluster-configuration.sh
source "$CLUSTER/dev/cluster-configuration.sh"
# shellcheck source=src/dev/sh/cluster-parts.sh
source "$CLUSTER/dev/cluster-parts.sh"

export KUBECONFIG=$CLUSTER/node.kubeconfig
export CONTAINERD_NAMESPACE=k8s.io

main() {
  echo $$ >"$CLUSTER/inner.pid"
  exec {control}<>"$CLUSTER/control"
  make_machine
  make_network
  write_configuration
  start_control_plane
  start_node
  echo ready
  exec >/dev/null
  obey
}

# --- The machine ---------------------------------------------------------------------------------

# Everything that Kubernetes and containerd write to by default is the cluster's own.
make_machine() {
  mount --make-rprivate /
  mount_cgroups
  mount --bind "$CLUSTER/var-lib" /var/lib
  mount --bind "$CLUSTER/var-log" /var/log
  mount --bind "$CLUSTER/etc" /etc
  mount -t tmpfs tmpfs /run
  mkdir -p /run/containerd /run/cni
  if [[ $ROOTLESS != 1 ]]; then
    shield_kernel
  fi
  # As on a machine that systemd has started, which containers' mounts rely on.
  mount --make-rshared /
}

# Only what is below the cluster's own groups, which are the roots of this control group namespace.
mount_cgroups() {
  local mounts mount_point options
  mounts=$(cgroup_mounts)
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  while read -r mount_point options; do
    mkdir "$mount_point"
    # The named one has no controller.
    [[ $options != *name=* ]] || options=none,name=${options##*name=}
    mount -t cgroup -o "${options#rw,}" cgroup "$mount_point"
  done <<<"$mounts"
}

# The kubelet sets these for the whole machine, unless they are what it wants. In a user namespace it
# can't, and does without.
shield_kernel() {
  local setting file value
  for setting in vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    file=${setting%=*} value=${setting#*=}
    [[ -e /proc/sys/$file ]] || continue
    echo "$value" >"$CLUSTER/tmp/${file//\//-}"
    mount --bind "$CLUSTER/tmp/${file//\//-}" "/proc/sys/$file"
  done
}

# The kubelet refuses a loopback address as its own. There is no proxy for services: the one that
# everybody needs, the API server's, is an address of the node.
make_network() {
  ip link set lo up
  ip link add node0 type veth peer name node1
  ip addr add "$NODE_ADDRESS/24" dev node0
  ip link set node0 up
  ip link set node1 up
  ip route add default dev node0
  ip addr add "$SERVICE_ADDRESS/32" dev lo
}

# --- The parts, in order -------------------------------------------------------------------------

start_control_plane() {
  start etcd
  await etcd curl -sf -o "$CLUSTER/tmp/etcd" http://127.0.0.1:2379/health
  start kube-apiserver
  start door
  await kube-apiserver kubectl get --raw /readyz
  tell "the API server answers"
  start kube-controller-manager
  start kube-scheduler
}

start_node() {
  if [[ $HOST_SERVICE == 1 ]]; then
    start fuselage
    await fuselage test -S /run/fuselage/fuselage.sock
    tell "Fuselage serves on the node"
  fi
  start containerd
  await containerd ctr version
  import_images
  if [[ $REGISTRY == 1 ]]; then
    start registry
    await registry curl -sf -o "$CLUSTER/tmp/registry" "http://$REGISTRY_ADDRESS/v2/"
    tell "containerd runs, and a registry on $REGISTRY_ADDRESS"
  else
    tell "containerd runs, without a registry"
  fi
  start kubelet
  await kubelet is_node_ready
  await kube-controller-manager kubectl get serviceaccount default
  if [[ $HOST_SERVICE == 1 ]]; then
    kubectl apply -f "$CLUSTER/etc/kubernetes/runtime-class.yaml" >>"$CLUSTER/log/node.log"
  fi
  tell "the node is ready"
}

# Once: they are there after a reboot.
import_images() {
  local image
  for image in "$CLUSTER"/images/*.tar; do
    [[ ! -e $image.imported ]] || continue
    ctr images import --local --snapshotter overlayfs "$image" >>"$CLUSTER/log/node.log" 2>&1 ||
      fail containerd "$image could not be imported"
    touch "$image.imported"
  done
}

# After a reboot the API server still knows it as it was.
is_node_ready() {
  local ready
  # shellcheck disable=SC2016 # kubectl's own template
  ready=$(kubectl get node "$NODE_NAME" -o \
    'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}')
  [[ ${ready%% *} == True && $(date -d "${ready#* }" +%s) -ge $started ]]
}

# --- Requests ------------------------------------------------------------------------------------

obey() {
  local verb part
  while true; do
    read -r verb part <&"$control" || continue
    case $verb in
      start)
        if ! is_running "$part"; then
          start "$part"
        fi
        ;;
      stop) end "$part" TERM ;;
      kill) end "$part" KILL ;;
    esac
    echo ok >"$CLUSTER/answer"
  done
}

main
