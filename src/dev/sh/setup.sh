#!/usr/bin/env bash
# Installs what `make run` or `make test` needs and this machine lacks. Says so first; silent when
# nothing is missing.
#
#   setup.sh run      what `make run` needs; CONTAINERD=2 and ROOTLESS=1 need more
#   setup.sh image    what `make image` needs
#   setup.sh chart    what `make chart` and `make manifests` need
#   setup.sh cluster  what `make cluster` needs; ROOTLESS=1 needs more
#   setup.sh test     everything
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

packages=(busybox-static containerd fuse-overlayfs fuse3 iproute2 procps runc util-linux)
image_packages=(buildah debootstrap runc)
rootless_packages=(rootlesskit slirp4netns uidmap)
cluster_packages=(containernetworking-plugins curl etcd-server openssl socat)
test_packages=(attr chromium e2fsprogs prometheus shellcheck strace xfsprogs)

policy=/usr/sbin/policy-rc.d
policy_mark='# Placed by Fuselage while it installs packages: no service starts by itself.'
own_policy=''

main() {
  case ${1:-} in
    run)
      if [[ ${ROOTLESS:-} == 1 ]]; then
        packages+=("${rootless_packages[@]}")
      fi
      require_go
      install_packages
      if [[ ${CONTAINERD:-} == 2 ]]; then
        install_containerd
      fi
      if [[ ${ROOTLESS:-} == 1 ]]; then
        prepare_rootless
      fi
      ;;
    image)
      packages=("${image_packages[@]}")
      install_packages
      ;;
    chart)
      require_go
      install_helm
      ;;
    cluster)
      packages+=("${image_packages[@]}" "${cluster_packages[@]}")
      if [[ ${ROOTLESS:-} == 1 ]]; then
        packages+=("${rootless_packages[@]}")
      fi
      require_go
      install_packages
      install_cluster
      if [[ ${ROOTLESS:-} == 1 ]]; then
        prepare_rootless
      fi
      ;;
    test)
      packages+=("${image_packages[@]}" "${rootless_packages[@]}" "${cluster_packages[@]}"
        "${test_packages[@]}")
      require_go
      install_packages
      install_cluster
      install_tool containerd-fuse-overlayfs-grpc "$PEER_VERSION" \
        github.com/containerd/fuse-overlayfs-snapshotter/v2/cmd/containerd-fuse-overlayfs-grpc
      prepare_rootless
      ;;
    *)
      die "usage: setup.sh run|image|chart|cluster|test"
      ;;
  esac
}

require_go() {
  command -v go >/dev/null ||
    die "Go is needed and not on the PATH: install Go 1.25 or later from https://go.dev/dl/"
}

# --- Debian packages -----------------------------------------------------------------------------

install_packages() {
  local missing=()
  if ! command -v dpkg-query >/dev/null; then
    warn "this is no Debian: make sure that what these packages hold is installed: ${packages[*]}"
    return
  fi
  mapfile -t missing < <(missing_packages)
  if [[ ${#missing[@]} -eq 0 ]]; then
    return
  fi
  is_root || die "packages are missing; as root, run:
  apt-get update && apt-get install --no-install-recommends -y ${missing[*]}"

  say "Installing Debian packages: ${missing[*]}"
  trap remove_policy EXIT
  place_policy
  export DEBIAN_FRONTEND=noninteractive
  local log
  log=$(mktemp)
  if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get failed, its last lines are above"
  fi
  rm -f "$log"
  remove_policy
}

missing_packages() {
  local package installed
  # shellcheck disable=SC2016 # the fields are dpkg's, not the shell's
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    grep -qx "$package installed" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Without a policy the packages would start a containerd of the system. One that is already there is
# its owner's decision and stays.
place_policy() {
  local new
  if [[ -e $policy || -L $policy ]]; then
    # What a killed run of this script left behind may go with this one.
    if grep -qsxF "$policy_mark" "$policy"; then
      own_policy=1
    fi
    return
  fi
  new=$(mktemp "$policy.XXXXXX")
  printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" >"$new"
  chmod 0755 "$new"
  # A link fails where a rename would overwrite.
  if ln "$new" "$policy" 2>/dev/null; then
    own_policy=1
  fi
  rm -f "$new"
}

remove_policy() {
  if [[ -n $own_policy ]]; then
    rm -f "$policy"
    own_policy=''
  fi
}

# --- Go tools ------------------------------------------------------------------------------------

install_cluster() {
  local version
  install_containerd
  install_tool crane "$CRANE_VERSION" github.com/google/go-containerregistry/cmd/crane
  install_helm
  install_tool kubeconform "$KUBECONFORM_VERSION" github.com/yannh/kubeconform/cmd/kubeconform
  for version in "$OLDEST_KUBERNETES_VERSION" "$KUBERNETES_VERSION"; do
    install_built api-schemas "$version" build_schemas "$version"
  done
  install_built kubernetes "$KUBERNETES_VERSION" build_kubernetes
}

install_helm() {
  install_built helm "$HELM_VERSION" build_helm
}

install_containerd() {
  local module=github.com/containerd/containerd/v2/cmd
  install_tool containerd "$CONTAINERD_VERSION" \
    "$module/containerd" "$module/ctr" "$module/containerd-shim-runc-v2"
}

# install_tool NAME VERSION PACKAGE...: each as a module of its own gives it.
install_tool() {
  local name=$1 version=$2
  shift 2
  install_built "$name" "$version" build_packages "${@/%/@v$version}"
}

# install_built NAME VERSION BUILDER ARGUMENT...: into the cache, whole or not at all. The builder is
# called in an empty directory and leaves what it makes in its bin.
install_built() {
  local name=$1 version=$2 target building lock
  shift 2
  target=$(tool_dir "$name" "$version")
  if [[ -d $target ]]; then
    return
  fi
  mkdir -p "$FUSELAGE_CACHE/tools"
  exec {lock}>"$FUSELAGE_CACHE/tools/.lock"
  flock "$lock"
  # Another run may have built it while this one waited.
  if [[ ! -d $target ]]; then
    say "Building $name $version (once, into $(dirname "$target"))"
    building=$(mktemp -d "$FUSELAGE_CACHE/tools/.building.XXXXXX")
    # shellcheck disable=SC2064 # this directory, not what the name holds by then
    trap "rm -rf '$building'" EXIT
    mkdir "$building/bin"
    if ! (cd "$building" && CGO_ENABLED=0 GOFLAGS='' "$@"); then
      grep -v '^go: downloading' "$building/log" | tail -n 20 >&2
      die "$name $version could not be built, the last lines are above"
    fi
    rm "$building/log"
    chmod 0755 "$building"
    mv -T "$building" "$(dirname "$target")"
    trap - EXIT
  fi
  exec {lock}>&-
}

build_packages() {
  GOBIN=$PWD/bin go install -trimpath -ldflags '-s -w' "$@" >log 2>&1
}

# The Kubernetes that it takes for granted where it asks none is set by its linker.
build_helm() {
  local helm=helm.sh/helm/v3 number flags numbers
  IFS=. read -r -a numbers <<<"$KUBERNETES_VERSION"
  flags="-s -w -X $helm/internal/version.version=v$HELM_VERSION"
  for number in pkg/lint/rules.k8sVersion pkg/chartutil.k8sVersion; do
    flags+=" -X $helm/${number}Major=${numbers[0]} -X $helm/${number}Minor=${numbers[1]}"
  done
  GOBIN=$PWD/bin go install -trimpath -ldflags "$flags" "$helm/cmd/helm@v$HELM_VERSION" >log 2>&1
}

# What objects of that version look like, for kubeconform.
build_schemas() {
  local module out=$PWD/bin
  module=$(go mod download -json "k8s.io/kubernetes@v$1" 2>log |
    sed -n 's/^\t"Dir": "\(.*\)",$/\1/p') || return
  go -C "$scripts/../../test/go" run ./cmd/apischemas \
    "$module/api/openapi-spec/swagger.json" "$out" >>log 2>&1
}

# What Kubernetes answers for its version, and what Helm and kubectl look at, is set by its linker.
build_kubernetes() {
  local program out=$PWD version=k8s.io/component-base/version
  local -a numbers
  IFS=. read -r -a numbers <<<"$KUBERNETES_VERSION"
  for program in kube-apiserver kubelet kube-controller-manager kube-scheduler kubectl; do
    say "  $program"
    go -C "$scripts/../kubernetes" build -trimpath -o "$out/bin/" -ldflags "-s -w \
      -X $version.gitVersion=v$KUBERNETES_VERSION \
      -X $version.gitMajor=${numbers[0]} -X $version.gitMinor=${numbers[1]}" \
      "k8s.io/kubernetes/cmd/$program" >"$out/log" 2>&1 || return
  done
}

# --- The rootless parts --------------------------------------------------------------------------

# An ordinary user who starts `make run ROOTLESS=1` is their own test user.
prepare_rootless() {
  is_root || return 0
  make_test_user
  open_device /dev/fuse
  open_device /dev/net/tun
}

make_test_user() {
  if ! id -u "$FUSELAGE_TEST_USER" >/dev/null 2>&1; then
    say "Creating the user $FUSELAGE_TEST_USER for the rootless parts"
    useradd --system --user-group --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin --comment 'Fuselage tests' "$FUSELAGE_TEST_USER"
  fi
  give_sub_ids /etc/subuid --add-subuids
  give_sub_ids /etc/subgid --add-subgids
}

# give_sub_ids FILE OPTION: 65,536 ids behind every range that the file gives to anybody.
give_sub_ids() {
  local file=$1 option=$2 start
  if grep -qs "^$FUSELAGE_TEST_USER:" "$file"; then
    return
  fi
  touch "$file"
  start=$(awk -F: 'BEGIN { next_id = 100000 }
    $2 + $3 > next_id { next_id = $2 + $3 }
    END { printf "%d", next_id }' "$file")
  say "Giving $FUSELAGE_TEST_USER the ids $start to $((start + 65535)) in $file"
  usermod "$option" "$start-$((start + 65535))" "$FUSELAGE_TEST_USER"
}

# open_device FILE: for everyone, as udev has it; machines without udev leave it to root.
open_device() {
  local mode
  mode=$(stat -c %a "$1" 2>/dev/null) || return 0
  if ((8#$mode != 8#666)); then
    say "Opening $1 to ordinary users: mode 0666, was 0$mode"
    chmod 0666 "$1"
  fi
}

main "$@"
