#!/usr/bin/env bash
# A real one-node Kubernetes to play with and to test on; see docs/development.md.
#
#   cluster.sh up                      bring it up from nothing; what `make cluster` calls
#   cluster.sh down                    take it away, with everything in it; `make cluster-down`
#   cluster.sh power off|on            kill every process as a reboot does, start them again
#   cluster.sh part stop|kill|start P  one of its processes, by the names in DIRECTORY/parts
#
#   ROOTLESS=1         up: kubelet and all in a user namespace of an ordinary user
#   HOST_SERVICE=1     up: Fuselage as a process of the node beside containerd, without its chart
#   REGISTRY=0         up, power on: without the registry
#   KEEP=1             up: what fails stays to be looked at
#   FUSELAGE_CLUSTER   its directory, by which several may run at a time
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$scripts/../../.." && pwd)
directory=${FUSELAGE_CLUSTER:-/var/tmp/fuselage-cluster-$EUID}
# Of its control groups, too.
# shellcheck disable=SC2034
name=${directory##*/}

# shellcheck source=src/dev/sh/cluster-cgroups.sh
source "$scripts/cluster-cgroups.sh"
# shellcheck source=src/dev/sh/cluster-processes.sh
source "$scripts/cluster-processes.sh"

main() {
  case $#:$* in
    1:up) up ;;
    1:down) down ;;
    2:'power off') power_off ;;
    2:'power on') power_on ;;
    3:'part stop '* | 3:'part kill '* | 3:'part start '*) part "$2" "$3" ;;
    *) die "usage: cluster.sh up | down | power off|on | part stop|kill|start NAME" ;;
  esac
}

# --- Up and down ---------------------------------------------------------------------------------

up() {
  rootless=${ROOTLESS:-0} host_service=${HOST_SERVICE:-0}
  check_request
  section "A one-node Kubernetes $KUBERNETES_VERSION, $(describe_user)"
  trap 'give_up $?' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  make_directory
  make_images
  start_all
  trap - EXIT INT TERM HUP
  tell
}

check_request() {
  if [[ -e $directory ]]; then
    if is_up; then
      die "a cluster is already up in $directory: use it by $directory/enter, or end it first by" \
        "'make cluster-down'"
    fi
    die "a cluster that is down lies in $directory: remove it by 'make cluster-down'"
  fi
  check_directory_name
  if [[ $host_service == 1 && ! -x $tree/target/fuselage/bin/fuselage ]]; then
    die "no distribution in $tree/target/fuselage: run 'make dist'"
  fi
  if [[ $rootless != 1 ]]; then
    is_root || die "this needs root; 'make cluster ROOTLESS=1' needs control groups of one's own only"
  fi
  set_user
  check_cgroups
}

# Sockets lie in the directory, whose path the kernel limits; and its name is a control group's.
check_directory_name() {
  [[ $directory =~ ^/[A-Za-z0-9/._-]+$ && ${#directory} -le 60 ]] ||
    die "the cluster's directory is an absolute path of at most 60 letters, digits and ./_-," \
      "not $directory"
}

# Who runs it all: the test user where root starts a rootless one.
set_user() {
  as_user=()
  if [[ $rootless == 1 ]] && is_root; then
    as_user=(runuser -u "$FUSELAGE_TEST_USER" --)
  fi
  user=$("${as_user[@]}" id -un)
  if [[ $rootless == 1 ]]; then
    grep -qs "^\($user\|$("${as_user[@]}" id -u)\):" /etc/subuid ||
      die "$user has no sub-ids; as root, run: usermod --add-subuids 100000-165535 --add-subgids" \
        "100000-165535 $user (any range that nobody else has)"
  fi
}

describe_user() {
  if [[ $rootless == 1 ]]; then
    printf 'rootless as %s' "$user"
  else
    printf 'as root'
  fi
}

make_directory() {
  mkdir "$directory" "$directory"/{bin,dev,etc,images,log,parts,pki,tmp,var-lib,var-log}
  host_java=''
  if [[ $host_service == 1 ]]; then
    host_java=$("$scripts/jdk.sh")
  fi
  declare -p rootless host_service host_java | sed 's/^declare -- //' >"$directory/settings"
  cp "$scripts"/lib.sh "$scripts"/cluster-*.sh "$directory/dev"
  cp "$tree"/deploy/containerd/fuselage-2.x*.toml "$directory/dev"
  link_programs
  # The node's own copy, to be written to; what only root may read is nothing that a node needs.
  cp -r --preserve=mode,links,timestamps /etc/. "$directory/etc" 2>>"$directory/log/outside.log" || true
  rm -rf "$directory"/etc/{containerd,cni,kubernetes}
  if [[ $host_service == 1 ]]; then
    # With its times: the AOT cache is used only by the very files that it was made from.
    cp -a "$tree/target/fuselage" "$directory/fuselage"
  fi
  say "Everything of it lies in $directory"
}

# The cache may lie where the other user cannot look.
link_programs() {
  local tool source
  for tool in "containerd $CONTAINERD_VERSION" "kubernetes $KUBERNETES_VERSION" \
    "helm $HELM_VERSION" "crane $CRANE_VERSION"; do
    # shellcheck disable=SC2086 # name and version
    source=$(tool_dir $tool)
    [[ -d $source ]] || die "$tool is not built: run 'make cluster'"
    cp -l "$source"/* "$directory/bin" 2>/dev/null || cp "$source"/* "$directory/bin"
  done
}

make_images() {
  say "Making the images"
  (
    cd "$tree/src/test/go"
    CGO_ENABLED=0 go build -o "$directory/tmp/testimage" ./cmd/testimage
  )
  "$directory/tmp/testimage" -bare -command '/bin/sleep 2147483647' \
    -name "$PAUSE_IMAGE" -o "$directory/images/pause.tar"
  "$directory/tmp/testimage" -name "$FUSELAGE_TEST_IMAGE" -o "$directory/images/test.tar"
  "$directory/tmp/testimage" -format layout-dir -o "$directory/images/test-layout"
  if [[ -r $tree/target/$IMAGE_ARCHIVE ]]; then
    cp "$tree/target/$IMAGE_ARCHIVE" "$directory/images/fuselage.tar"
  fi
}

down() {
  if [[ ! -e $directory ]]; then
    say "No cluster is in $directory"
    return
  fi
  [[ -r $directory/settings ]] || die "$directory is no cluster's directory; nothing was touched"
  load_settings
  stop_all
  # An ordinary user owns the files of their sub-ids only in a user namespace.
  rm -rf --one-file-system "$directory" 2>/dev/null ||
    rootlesskit rm -rf --one-file-system "$directory" ||
    die "$directory could not be removed"
  say "The cluster in $directory is gone"
}

give_up() {
  trap - EXIT
  trap '' INT TERM HUP
  if [[ ${KEEP:-} == 1 ]]; then
    warn "what was begun stays in $directory"
  else
    warn "taking away what was begun"
    down >&2
  fi
  exit "$1"
}

power_off() {
  load_settings
  stop_all
}

power_on() {
  load_settings
  is_up && die "the cluster in $directory is up"
  start_all
}

load_settings() {
  [[ -r $directory/settings ]] || die "no cluster is in $directory: run 'make cluster'"
  # shellcheck source=/dev/null
  source "$directory/settings"
  set_user
}

tell() {
  local port
  port=$(<"$directory/port")
  section "It is up"
  cat <<END
   kubectl and helm, from here (the API server is behind 127.0.0.1:$port):
     export KUBECONFIG=$directory/kubeconfig PATH=$directory/bin:\$PATH
     kubectl get nodes

   A shell on the node, with ctr and crane, too:
     $directory/enter

   The registry is $REGISTRY_ADDRESS on the node:
     $directory/enter crane push $directory/images/test-layout $REGISTRY_ADDRESS/test
END
  if [[ $host_service == 1 ]]; then
    printf '\n   Fuselage runs on the node; its pods have runtimeClassName: fuselage\n'
  fi
  printf '\n   Its end:\n     make cluster-down\n'
}

main "$@"
