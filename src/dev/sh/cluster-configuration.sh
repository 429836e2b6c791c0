# shellcheck shell=bash
# What the parts of a cluster's node read: keys, kubeconfigs, and the files in its /etc. Written once,
# and there after a reboot. Sourced by cluster-node.sh.

NODE_NAME=fuselage-node
NODE_ADDRESS=10.99.0.1
SERVICE_ADDRESS=10.96.0.1
POD_NETWORK=10.98.0.0/24

pki=$CLUSTER/pki

write_configuration() {
  [[ ! -e $CLUSTER/kubeconfig ]] || return 0
  tell "writing keys and configuration"
  write_keys
  write_kubeconfigs
  mkdir -p /etc/containerd/conf.d /etc/cni/net.d /etc/kubernetes
  write_containerd >/etc/containerd/config.toml
  write_cni >/etc/cni/net.d/10-bridge.conflist
  write_kubelet >/etc/kubernetes/kubelet.yaml
  if [[ $HOST_SERVICE == 1 ]]; then
    cp "$CLUSTER/dev/fuselage-2.x.toml" /etc/containerd/conf.d/fuselage.toml
    write_runtime_class >/etc/kubernetes/runtime-class.yaml
  fi
  write_kubeconfig "https://127.0.0.1:$(<"$CLUSTER/port")" admin >"$CLUSTER/new.kubeconfig"
  mv "$CLUSTER/new.kubeconfig" "$CLUSTER/kubeconfig"
}

# --- Keys ----------------------------------------------------------------------------------------

write_keys() {
  local user
  new_key ca
  openssl req -x509 -new -key "$pki/ca.key" -days 3650 -subj /CN=fuselage-cluster \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,digitalSignature \
    -out "$pki/ca.crt"
  new_certificate server /CN=kube-apiserver serverAuth \
    "IP:127.0.0.1,IP:$NODE_ADDRESS,IP:$SERVICE_ADDRESS,DNS:localhost,DNS:kubernetes.default.svc"
  new_certificate kubelet-client /O=system:masters/CN=kube-apiserver clientAuth DNS:kube-apiserver
  new_key accounts
  openssl ec -in "$pki/accounts.key" -pubout -out "$pki/accounts.pub" 2>/dev/null
  for user in admin kubelet kube-controller-manager kube-scheduler; do
    openssl rand -hex 16 >"$pki/$user.token"
  done
  cat >"$pki/tokens" <<END
$(<"$pki/admin.token"),admin,admin,"system:masters"
$(<"$pki/kubelet.token"),system:node:$NODE_NAME,kubelet,"system:nodes"
$(<"$pki/kube-controller-manager.token"),system:kube-controller-manager,controllers
$(<"$pki/kube-scheduler.token"),system:kube-scheduler,scheduler
END
}

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"; }

# new_certificate NAME SUBJECT USE ALTERNATIVE_NAMES
new_certificate() {
  new_key "$1"
  openssl req -new -key "$pki/$1.key" -subj "$2" -out "$pki/$1.csr"
  openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial \
    -days 3650 -extfile <(printf 'extendedKeyUsage=%s\nsubjectAltName=%s\n' "$3" "$4") \
    -out "$pki/$1.crt" 2>/dev/null
}

write_kubeconfigs() {
  local user
  for user in kubelet kube-controller-manager kube-scheduler; do
    write_kubeconfig https://127.0.0.1 "$user" >"$pki/$user.kubeconfig"
  done
  write_kubeconfig https://127.0.0.1 admin >"$CLUSTER/node.kubeconfig"
}

# write_kubeconfig SERVER USER
write_kubeconfig() {
  cat <<END
apiVersion: v1
kind: Config
current-context: fuselage
clusters:
- name: fuselage
  cluster:
    server: $1
    certificate-authority-data: $(base64 -w 0 "$pki/ca.crt")
users:
- name: $2
  user:
    token: $(<"$pki/$2.token")
contexts:
- name: fuselage
  context:
    cluster: fuselage
    user: $2
END
}

# --- Files ---------------------------------------------------------------------------------------

write_containerd() {
  cat <<END
version = 3
imports = ["/etc/containerd/conf.d/*.toml"]

[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "$PAUSE_IMAGE"

[plugins.'io.containerd.cri.v1.runtime']
  # Without it runc asks for a score that neither a user namespace nor a container may have.
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "/etc/cni/net.d"

[plugins.'io.containerd.internal.v1.opt']
  path = "/var/lib/containerd/opt"
END
}

write_cni() {
  cat <<END
{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "cni0",
      "isGateway": true,
      "ipam": {
        "type": "host-local",
        "dataDir": "/run/cni",
        "ranges": [[{ "subnet": "$POD_NETWORK" }]],
        "routes": [{ "dst": "0.0.0.0/0" }]
      }
    }
  ]
}
END
}

write_kubelet() {
  cat <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: false
  webhook:
    enabled: true
  x509:
    clientCAFile: $pki/ca.crt
authorization:
  mode: Webhook
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
resolvConf: ""
makeIPTablesUtilChains: false
failSwapOn: false
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
oomScoreAdj: 0
evictionHard:
  memory.available: 50Mi
  nodefs.available: 1%
  nodefs.inodesFree: 1%
  imagefs.available: 1%
imageGCHighThresholdPercent: 99
imageGCLowThresholdPercent: 98
featureGates:
  KubeletInUserNamespace: $([[ $ROOTLESS == 1 ]] && echo true || echo false)
END
}

write_runtime_class() {
  cat <<END
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata:
  name: fuselage
handler: fuselage
END
}
