#!/usr/bin/env bash
# The part of run.sh that runs in the private namespaces, as root or as the root of a user
# namespace. When it ends, the namespaces end, and with them every process and mount in there.
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export FUSELAGE_ROOT=$DIRECTORY/root
export FUSELAGE_SOCKET=$DIRECTORY/fuselage.sock
export FUSELAGE_DRIVER=$DRIVER
export FUSELAGE_HTTP_PORT=0
export CONTAINERD_ADDRESS=$DIRECTORY/containerd.sock
export CONTAINERD_NAMESPACE=default
export CONTAINERD_SNAPSHOTTER=fuselage

fuselage_log=$DIRECTORY/fuselage.log
containerd_log=$DIRECTORY/containerd.log
ctr_log=$DIRECTORY/ctr.log
container_out=$DIRECTORY/container.out
fuselage_pid=''
containerd_pid=''

# The container's cgroup has the directory's name, by which run.sh finds it if all else fails. An
# ordinary user may make none.
if [[ $ROOTLESS == 1 ]]; then
  cgroup=(--cgroup '' --cpu-shares 0)
else
  cgroup=(--cgroup "/${DIRECTORY##*/}")
fi

main() {
  trap finish EXIT
  # That it was told to stop is for run.sh to say.
  trap 'exit 0' TERM
  exec {terminal}>&1
  watch_stop &

  # Shims keep their sockets below /run/containerd, whoever starts them: not in the host's.
  mount -t tmpfs tmpfs /run

  start_fuselage
  start_containerd
  import_image
  run_container
  show
  if [[ $KEEP == 1 ]]; then
    stay
  fi
  remove_all
}

watch_stop() {
  read -r _ <"$DIRECTORY/stop" || true
  kill -TERM $$
}

# --- Steps ---------------------------------------------------------------------------------------

start_fuselage() {
  section "Start Fuselage"
  "$DIST/bin/fuselage" serve >"$fuselage_log" 2>&1 &
  fuselage_pid=$!
  await "$fuselage_pid" "$fuselage_log" test -S "$FUSELAGE_SOCKET"
  say "It answers on $FUSELAGE_SOCKET, its root is $FUSELAGE_ROOT"
}

start_containerd() {
  section "Start containerd, $(containerd --version | cut -d ' ' -f 3) with a proxy plugin"
  write_containerd_configuration
  containerd --config "$DIRECTORY/config.toml" >"$containerd_log" 2>&1 &
  containerd_pid=$!
  await "$containerd_pid" "$containerd_log" ctr version
  say "The drop-in that wires it to Fuselage:"
  show_lines sed -n '/^\[proxy_plugins/,/root =/p' "$DIRECTORY/conf.d/fuselage.toml"
  ctr_do plugins ls
  grep 'fuselage .* ok *$' "$ctr_log" >/dev/null ||
    fail "containerd did not load the plugin" "$containerd_log"
}

# The drop-in is the example that users start from, with this run's paths in it.
write_containerd_configuration() {
  local version=2 example=fuselage-1.x.toml
  if [[ $CONTAINERD == 2 ]]; then
    version=3 example=fuselage-2.x.toml
  fi
  mkdir "$DIRECTORY/conf.d"
  sed -e '/^ *#/d' -e '/^$/d' \
    -e "s|/run/fuselage/fuselage.sock|$FUSELAGE_SOCKET|" \
    -e "s|/var/lib/fuselage|$FUSELAGE_ROOT|" \
    "$DIRECTORY/deploy/$example" >"$DIRECTORY/conf.d/fuselage.toml"
  # Switched off is what has no place in a demonstration, or would leave traces on the host.
  cat >"$DIRECTORY/config.toml" <<END
version = $version
root = "$DIRECTORY/containerd-root"
state = "$DIRECTORY/containerd-state"
imports = ["$DIRECTORY/conf.d/*.toml"]
disabled_plugins = [
  "io.containerd.cri.v1.images",
  "io.containerd.cri.v1.runtime",
  "io.containerd.grpc.v1.cri",
  "io.containerd.internal.v1.opt",
  "io.containerd.internal.v1.tracing",
  "io.containerd.nri.v1.nri",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp",
]
[grpc]
  address = "$CONTAINERD_ADDRESS"
[ttrpc]
  address = "$CONTAINERD_ADDRESS.ttrpc"
END
}

import_image() {
  section "Import the image: one snapshot a layer"
  # From 2.0 on an import goes through the transfer service, unless told otherwise.
  local local_import=()
  if [[ $CONTAINERD == 2 ]]; then
    local_import=(--local)
  fi
  ctr_do images import "${local_import[@]}" --snapshotter fuselage "$DIRECTORY/image.tar"
  say "$(grep -o 'unpacking.*' "$ctr_log" | cut -c 1-80)"
}

run_container() {
  section "Run a container that reads lower files and writes upper ones"
  # shellcheck disable=SC2016 # the container's shell is to expand it
  run_image --rm hello /bin/busybox sh -euc '
    /check
    echo "read    /etc/motd: $(cat /etc/motd)"
    echo "listed  /data/replaced, opaque: $(echo $(ls /data/replaced))"
    echo "by the container" >>/etc/motd
    echo "written /etc/motd: $(tail -n 1 /etc/motd)"
    rm -r /data/replaced
    mkdir /data/replaced
    echo "new" >/data/replaced/file
    echo "made    /data/replaced anew: $(echo $(ls /data/replaced))"
    echo "root is $(grep " / " /proc/mounts)"
  '
  show_lines cat "$container_out"
}

show() {
  section "Another one stays, to look at"
  run_image --detach sleeper /bin/busybox sleep 86400
  local pid
  pid=$(ctr task ls 2>>"$ctr_log" | awk '$1 == "sleeper" { print $2 }')
  say "It runs as process $pid"

  section "Its root, in /proc/$pid/mountinfo"
  show_lines grep ' / / ' "/proc/$pid/mountinfo"
  if [[ $DRIVER == fuse-overlayfs ]]; then
    say "made by:"
    show_lines fuse_daemon
  fi

  section "fuselage ls"
  show_lines listing 12,48,84 ls
  section "fuselage tree"
  show_lines listing 12,22,32 tree
  section "Some of /metrics"
  show_lines metrics
}

# The command line of the daemon that serves the last mount.
fuse_daemon() {
  local cmdline line=''
  for cmdline in /proc/[0-9]*/cmdline; do
    if [[ $(tr '\0' ' ' <"$cmdline" 2>/dev/null) == *fuse-overlayfs*lowerdir=* ]]; then
      line=$(tr '\0' ' ' <"$cmdline")
    fi
  done
  printf '%s\n' "${line//$DIRECTORY/…}"
}

# listing STOPS COMMAND: a command's table, its columns at these stops and its digests shortened.
listing() {
  fuselage "$2" | sed 's/\(sha256:[0-9a-f]\{12\}\)[0-9a-f]*/\1../g' | expand -t "$1"
}

metrics() {
  local port
  port=$(ss -Hltnp | sed -n "s/.*:\([0-9]*\) .*pid=$fuselage_pid,.*/\1/p" | head -n 1)
  [[ -n $port ]] || return 1
  exec {http}<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n' >&"$http"
  tr -d '\r' <&"$http" |
    grep -E '^(fuselage_rpc_duration_seconds_count|jvm_memory_used_bytes)' | sort
  exec {http}>&-
}

stay() {
  section "Yours until Ctrl-C"
  {
    declare -p FUSELAGE_ROOT FUSELAGE_SOCKET CONTAINERD_ADDRESS CONTAINERD_NAMESPACE \
      CONTAINERD_SNAPSHOTTER | sed 's/^declare -x //'
    # shellcheck disable=SC2016 # the reader's PATH, not this one
    printf 'PATH="%s/bin:%s:$PATH"\n' "$DIST" "$(dirname "$(command -v ctr)")"
  } >"$DIRECTORY/environment"
  say "A shell where the containers are:  $DIRECTORY/enter"
  # Who is root outside is nobody to a socket of the other user's namespace.
  if [[ $OTHER_USER == 0 ]]; then
    say "For 'fuselage' and 'ctr' alone, in a shell of yours, paste:"
    sed 's/^/export /' "$DIRECTORY/environment"
  fi
  in_background sleep infinity
}

remove_all() {
  section "Remove container and image: nothing stays"
  remove_containers
  ctr_do images rm --sync "$FUSELAGE_TEST_IMAGE"
  show_lines listing 12,48,84 ls
  local left
  left=$(find "$FUSELAGE_ROOT/snapshots" -mindepth 1 -maxdepth 1 | wc -l)
  [[ $left -eq 0 ]] || fail "$left snapshot directories stayed" "$fuselage_log"
  say "No snapshot directory is left"
}

# --- How steps are taken -------------------------------------------------------------------------

# A trap runs only between commands, but at once where the shell waits for a child.
in_background() {
  "$@" &
  wait $!
}

# run_image OPTION NAME COMMAND...: what the container prints is in $container_out.
#
# A shim of containerd waits for its mount helper and reaps every child besides; on a busy machine
# the reaper wins ten times over, and the start fails with ECHILD. The next start is a new race.
run_image() {
  local option=$1 tries
  shift
  for ((tries = 0; tries < 5; tries++)); do
    if in_background ctr run "$option" --snapshotter fuselage "${cgroup[@]}" \
      "$FUSELAGE_TEST_IMAGE" "$@" >"$container_out" 2>"$ctr_log"; then
      return
    fi
    grep -q ECHILD "$ctr_log" || break
    say "containerd's shim lost sight of its mount helper (ECHILD); starting it again"
    remove_containers
  done
  fail "the container failed" "$container_out" "$ctr_log" "$containerd_log"
}

ctr_do() {
  in_background ctr "$@" >"$ctr_log" 2>&1 || fail "ctr $1 $2 failed" "$ctr_log" "$containerd_log"
}

fuselage() { in_background "$DIST/bin/fuselage" "$@" 2>&1; }

# show_lines COMMAND...: what it prints, set in; and a failure if it fails.
show_lines() {
  local out=$DIRECTORY/shown
  "$@" >"$out" || fail "$* failed" "$out" "$fuselage_log"
  sed 's/^/     /' "$out"
}

# await PID LOG COMMAND...: until the command succeeds, as long as the process lives.
await() {
  local pid=$1 log=$2 tries
  shift 2
  for ((tries = 0; tries < 600; tries++)); do
    if "$@" >/dev/null 2>&1; then
      return
    fi
    kill -0 "$pid" 2>/dev/null || fail "it ended before it was ready" "$log"
    in_background sleep 0.1
  done
  fail "it was not ready after a minute" "$log"
}

# fail SENTENCE LOG...: with the tail of each log that may know why.
fail() {
  local log
  warn "$1"
  shift
  for log; do
    printf -- '--- last lines of %s\n' "${log##*/}" >&2
    tail -n 20 "$log" >&2 || true
  done
  exit 1
}

# --- The end -------------------------------------------------------------------------------------

finish() {
  local code=$?
  trap '' TERM
  set +e
  # A trap may run where a step's output is redirected.
  exec >&"$terminal"
  section "Clean up"
  if [[ -n $containerd_pid ]]; then
    remove_containers
  fi
  end "$containerd_pid"
  end "$fuselage_pid"
  unmount_all
  cd / && rm -rf --one-file-system "$DIRECTORY" 2>/dev/null
  exit "$code"
}

# Without a cgroup runc cannot kill "all" of a container, as `ctr tasks rm --force` asks; its first
# process takes the others along.
remove_containers() {
  local container tries
  for container in $(timeout 10 ctr containers ls -q 2>/dev/null || true); do
    timeout 10 ctr tasks kill --signal KILL "$container" >/dev/null 2>&1 || true
    for ((tries = 0; tries < 50; tries++)); do
      if ! timeout 10 ctr tasks ls 2>/dev/null | grep -q "^$container "; then
        break
      fi
      timeout 10 ctr tasks rm "$container" >/dev/null 2>&1 || sleep 0.1
    done
    timeout 10 ctr containers rm "$container" >/dev/null 2>&1 || true
  done
}

# end PID: ask first, insist after 10 s.
end() {
  local tries
  [[ -n $1 ]] || return 0
  kill -TERM "$1" 2>/dev/null
  for ((tries = 0; tries < 100; tries++)); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  return 0
}

# Deepest first; lazily, since what holds one dies with the namespace.
unmount_all() {
  local target
  awk -v below="$DIRECTORY/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac |
    while read -r target; do
      umount -l "$target" 2>/dev/null
    done
  return 0
}

main
