# shellcheck shell=bash disable=SC2154
# The processes of a cluster's node, by name. Sourced by cluster-node.sh.

declare -A pids=()
started=$(date +%s)

tell() { printf '%3d s  %s\n' "$(($(date +%s) - started))" "$*"; }

# start PART: its output goes to a log of its own, after that of earlier starts.
start() {
  "run_${1//-/_}" >>"$CLUSTER/log/$1.log" 2>&1 </dev/null {control}<&- &
  pids[$1]=$!
  echo "$!" >"$CLUSTER/parts/$1"
}

is_running() { [[ -n ${pids[$1]:-} ]] && kill -0 "${pids[$1]}" 2>/dev/null; }

# end PART SIGNAL: after 30 s in any case.
end() {
  local tries pid=${pids[$1]:-}
  [[ -n $pid ]] || return 0
  kill "-$2" "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 300; tries++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  unset "pids[$1]"
}

# await PART COMMAND...: until the command succeeds, as long as the part runs.
await() {
  local part=$1 tries
  shift
  for ((tries = 0; tries < 600; tries++)); do
    if "$@" >/dev/null 2>&1; then
      return
    fi
    is_running "$part" || fail "$part" "$part ended before it was ready"
    sleep 0.2
  done
  fail "$part" "$part was not ready after two minutes"
}

fail() {
  echo "$1" >"$CLUSTER/failed"
  warn "$2"
  exit 1
}

# --- What each is started with -------------------------------------------------------------------

run_etcd() {
  exec etcd --name node --data-dir /var/lib/etcd --unsafe-no-fsync --logger zap --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380
}

run_kube_apiserver() {
  exec kube-apiserver \
    --etcd-servers=http://127.0.0.1:2379 \
    --bind-address=0.0.0.0 --secure-port=443 --advertise-address="$NODE_ADDRESS" \
    --service-cluster-ip-range=10.96.0.0/16 \
    --tls-cert-file="$pki/server.crt" --tls-private-key-file="$pki/server.key" \
    --client-ca-file="$pki/ca.crt" --token-auth-file="$pki/tokens" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$pki/accounts.pub" \
    --service-account-signing-key-file="$pki/accounts.key" \
    --kubelet-client-certificate="$pki/kubelet-client.crt" \
    --kubelet-client-key="$pki/kubelet-client.key" \
    --kubelet-preferred-address-types=InternalIP \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
    --allow-privileged
}

run_kube_controller_manager() {
  exec kube-controller-manager --kubeconfig="$pki/kube-controller-manager.kubeconfig" \
    --service-account-private-key-file="$pki/accounts.key" --root-ca-file="$pki/ca.crt" \
    --use-service-account-credentials --leader-elect=false
}

run_kube_scheduler() {
  exec kube-scheduler --kubeconfig="$pki/kube-scheduler.kubeconfig" --leader-elect=false
}

run_containerd() { exec containerd; }

run_kubelet() {
  exec kubelet --kubeconfig="$pki/kubelet.kubeconfig" --config=/etc/kubernetes/kubelet.yaml \
    --hostname-override="$NODE_NAME" --node-ip="$NODE_ADDRESS"
}

run_registry() { exec crane registry serve --address "$REGISTRY_ADDRESS"; }

# The inner half of cluster-init.sh's door.
run_door() {
  exec socat "UNIX-LISTEN:$CLUSTER/door,unlink-early,fork" TCP:127.0.0.1:443
}

run_fuselage() {
  export FUSELAGE_CONTAINERD_SOCKET=/run/containerd/containerd.sock
  exec "$CLUSTER/fuselage/bin/fuselage" serve
}
