#!/usr/bin/env bash
# Fuselage at work, with a containerd of its own, in a private directory and in private namespaces:
# no process, mount or directory outlives it, however it ends.
#
#   DRIVER=fuse-overlayfs|overlayfs  who joins the layers; fuse-overlayfs by default
#   ROOTLESS=1                       as an ordinary user under RootlessKit
#   CONTAINERD=1|2                   the system's containerd (default), or 2.x from the cache
#   KEEP=1                           stay up for play until Ctrl-C
#
# This script makes the directory and the namespaces, and waits; run-inside.sh does the work in
# there. The two are tied by a pipe: when this one is told to stop, or dies, the other cleans up.
#
# shellcheck disable=SC2317 # what traps call is reachable
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$scripts/../../.." && pwd)
distribution=${FUSELAGE_DIST:-$tree/target/fuselage}
driver=${DRIVER:-fuse-overlayfs}
rootless=${ROOTLESS:-0}
containerd=${CONTAINERD:-1}
keep=${KEEP:-0}

directory=''
inside=''
stopped=''
as_user=()

main() {
  check_request
  trap finish EXIT
  trap 'stop 130' INT
  trap 'stop 143' TERM HUP

  section "Fuselage with driver $driver, $(describe_user)"
  make_directory
  make_image
  start_inside
  if [[ $keep == 1 ]]; then
    write_enter
  fi
  await_inside
}

check_request() {
  case $driver in
    fuse-overlayfs | overlayfs) ;;
    *) die "DRIVER is fuse-overlayfs or overlayfs, not $driver" ;;
  esac
  case $containerd in
    1 | 2) ;;
    *) die "CONTAINERD is 1 or 2, not $containerd" ;;
  esac
  [[ -x $distribution/bin/fuselage ]] || die "no distribution in $distribution: run 'make dist'"
  if [[ $rootless != 1 ]]; then
    is_root || die "this needs root; 'make run ROOTLESS=1' does not"
    return 0
  fi
  if is_root; then
    as_user=(runuser -u "$FUSELAGE_TEST_USER" --)
  fi
  "${as_user[@]}" test -w /dev/fuse ||
    die "/dev/fuse is closed to ordinary users; as root, run: chmod 0666 /dev/fuse"
  local user
  user=$("${as_user[@]}" id -un)
  grep -qs "^\($user\|$("${as_user[@]}" id -u)\):" /etc/subuid ||
    die "$user has no sub-ids; as root, run: usermod --add-subuids 100000-165535 --add-subgids" \
      "100000-165535 $user (any range that nobody else has)"
}

describe_user() {
  if [[ $rootless == 1 ]]; then
    printf 'rootless as %s' "$("${as_user[@]}" id -un)"
  else
    printf 'as root'
  fi
}

# Short, since sockets lie in it; and on a disk, where /tmp may be memory.
make_directory() {
  directory=$(mktemp -d /var/tmp/fuselage.XXXXXX)
  say "Everything lies in $directory"
  mkfifo "$directory/stop"
  mkdir "$directory/dev" "$directory/deploy"
  cp "$scripts/lib.sh" "$scripts/run-inside.sh" "$directory/dev"
  cp "$tree"/deploy/containerd/*.toml "$directory/deploy"
  if [[ ${#as_user[@]} -gt 0 ]]; then
    # What root built may lie where the other user cannot look.
    # With its times: the AOT cache is used only by the very files that it was made from.
    cp -a "$distribution" "$directory/fuselage"
    distribution=$directory/fuselage
  fi
  if [[ $containerd == 2 ]]; then
    containerd_path=$(tool_dir containerd "$CONTAINERD_VERSION")
    [[ -d $containerd_path ]] || die "containerd 2 is not built: run 'make run CONTAINERD=2'"
    if [[ ${#as_user[@]} -gt 0 ]]; then
      cp -a "$containerd_path" "$directory/containerd"
      containerd_path=$directory/containerd
    fi
  else
    containerd_path=/usr/bin
  fi
}

make_image() {
  say "Making an image of several layers"
  (cd "$tree/src/test/go" &&
    go run ./cmd/testimage -o "$directory/image.tar" -name "$FUSELAGE_TEST_IMAGE") ||
    die "the test image could not be made"
}

start_inside() {
  local -a enter
  local java_home
  java_home=$("$scripts/jdk.sh")
  if [[ $rootless == 1 ]]; then
    enter=("${as_user[@]}" rootlesskit --state-dir "$directory/rootlesskit" --pidns)
  else
    enter=(unshare --mount --pid --fork --kill-child --mount-proc)
  fi
  if [[ ${#as_user[@]} -gt 0 ]]; then
    chown -R "$FUSELAGE_TEST_USER:" "$directory"
  fi
  # Held open for writing here alone: when this process is gone, whatever the reason, the reader
  # inside meets the end of the pipe.
  exec {stop_pipe}<>"$directory/stop"
  # In a session of its own, so that Ctrl-C at the terminal reaches this script and nobody else.
  cd /
  env -i \
    PATH="$containerd_path:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    HOME="$directory" XDG_RUNTIME_DIR="$directory" TMPDIR="$directory" \
    LANG=C.UTF-8 TERM="${TERM:-dumb}" NO_COLOR="${NO_COLOR:-}" \
    FUSELAGE_JAVA_HOME="$java_home" DIST="$distribution" DIRECTORY="$directory" \
    DRIVER="$driver" ROOTLESS="$rootless" CONTAINERD="$containerd" KEEP="$keep" \
    OTHER_USER="${#as_user[@]}" \
    setsid "${enter[@]}" bash "$directory/dev/run-inside.sh" {stop_pipe}>&- </dev/null &
  inside=$!
}

# Opens a shell where the containers are: their mounts are seen from nowhere else.
write_enter() {
  local pid='' tries
  for ((tries = 0; tries < 100; tries++)); do
    if [[ $rootless == 1 ]]; then
      pid=$(cat "$directory/rootlesskit/child_pid" 2>/dev/null || true)
    else
      pid=$(pgrep -P "$inside" || true)
    fi
    if [[ -n $pid ]]; then
      break
    fi
    sleep 0.1
  done
  local user_namespace=''
  if [[ $rootless == 1 ]]; then
    user_namespace='--user '
  fi
  cat >"$directory/enter" <<END
#!/usr/bin/env bash
# Runs a command, or a shell, in the namespaces of this Fuselage and containerd.
set -a
source '$directory/environment'
[[ \$# -gt 0 ]] || set -- bash --norc
exec nsenter --target $pid $user_namespace--mount --pid -- "\$@"
END
  chmod 0755 "$directory/enter"
}

# wait is interrupted by each signal that is trapped, so it is asked again until the process is gone.
await_inside() {
  local code=0
  while :; do
    code=0
    wait "$inside" || code=$?
    kill -0 "$inside" 2>/dev/null || break
  done
  inside=''
  exit "${stopped:-$code}"
}

# stop CODE: ask for an end first, insist when asked a second time.
stop() {
  if [[ -n $stopped && -n $inside ]]; then
    kill -KILL "$inside" 2>/dev/null || true
  fi
  stopped=$1
  if [[ -z $inside ]]; then
    exit "$stopped"
  fi
  echo stop >&"$stop_pipe"
}

finish() {
  local code=$? group
  trap '' INT TERM HUP
  if [[ -n $inside ]]; then
    kill -KILL "$inside" 2>/dev/null || true
    wait "$inside" 2>/dev/null || true
  fi
  if [[ -n $directory ]]; then
    # Left only where the inside was killed before it could remove its containers.
    for group in /sys/fs/cgroup/"${directory##*/}" /sys/fs/cgroup/*/"${directory##*/}"; do
      [[ ! -d $group ]] || rmdir "$group" 2>/dev/null || true
    done
    # An ordinary user owns the files of their sub-ids only in a user namespace.
    rm -rf "$directory" 2>/dev/null || rootlesskit rm -rf "$directory" || true
    [[ ! -e $directory ]] || warn "$directory could not be removed"
  fi
  exit "$code"
}

main
