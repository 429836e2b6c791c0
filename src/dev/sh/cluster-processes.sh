# shellcheck shell=bash disable=SC2154
# How cluster.sh starts and ends what runs in the cluster's namespaces. Sourced, with directory,
# scripts, as_user and rootless set.

# Brings the node's processes up, and tells what they say until the node is ready.
start_all() {
  local line ready='' progress
  make_cgroups
  rm -f "$directory"/{progress,control,failed,inner.pid}
  mkfifo "$directory/progress" "$directory/control"
  touch "$directory/log/node.log"
  if [[ ${#as_user[@]} -gt 0 ]]; then
    # Not the programs: they may be links to the cache's own files.
    find "$directory" -path "$directory/bin" -prune -o -uid 0 -exec chown -h "$user:" {} +
  fi
  launch
  exec {progress}<"$directory/progress"
  if find_processes; then
    write_enter
    while read -r line <&"$progress"; do
      if [[ $line == ready ]]; then
        ready=1
        break
      fi
      say "$line"
    done
  fi
  exec {progress}<&-
  [[ -n $ready ]] || fail_to_start
}

launch() {
  local -a enter
  if [[ $rootless == 1 ]]; then
    # Pods on the node's network join its UTS namespace, which must be this user namespace's own.
    enter=("${as_user[@]}" rootlesskit --state-dir "$directory/rootlesskit" --pidns --utsns)
  else
    enter=(unshare --mount --pid --fork --kill-child --mount-proc)
  fi
  local -a mark=()
  if [[ -n ${FUSELAGE_WORKSPACE:-} ]]; then
    # By which a test finds what it has started.
    mark=(FUSELAGE_WORKSPACE="$FUSELAGE_WORKSPACE")
  fi
  rm -rf "$directory/rootlesskit"
  (
    enter_cgroups
    cd /
    # In a session of its own, out of reach of the terminal's signals.
    exec env -i "${mark[@]}" CLUSTER="$directory" HOME="$directory" TMPDIR="$directory/tmp" \
      PATH="$directory/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
      LANG=C.UTF-8 ROOTLESS="$rootless" HOST_SERVICE="$host_service" REGISTRY="${REGISTRY:-1}" \
      FUSELAGE_JAVA_HOME="$host_java" \
      setsid "${enter[@]}" bash "$directory/dev/cluster-init.sh"
  ) >"$directory/progress" 2>>"$directory/log/node.log" </dev/null &
  launched=$!
}

# Writes down how this process namespace numbers two of the cluster's own: its first, which ends all
# others when it ends, and that of cluster-node.sh, which has every namespace.
find_processes() {
  local tries
  for ((tries = 0; tries < 200; tries++)); do
    if find_process 1 init && [[ -s $directory/inner.pid ]] &&
      find_process "$(<"$directory/inner.pid")" node; then
      return
    fi
    kill -0 "$launched" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# find_process INNER NAME: by its number in there.
find_process() {
  local pid number
  for pid in $(descendants "$launched"); do
    number=$(awk '/^NSpid:/ { if (NF > 2) print $NF }' "/proc/$pid/status" 2>/dev/null || true)
    if [[ $number == "$1" ]]; then
      echo "$pid" >"$directory/$2.pid"
      return
    fi
  done
  return 1
}

descendants() {
  local child
  for child in $(pgrep -P "$1" || true); do
    echo "$child"
    descendants "$child"
  done
}

# A command or a shell on the node: its mounts, processes and network are seen from nowhere else.
write_enter() {
  local user_namespace=''
  if [[ $rootless == 1 ]]; then
    user_namespace='--user '
  fi
  cat >"$directory/enter" <<END
#!/usr/bin/env bash
# Runs a command, or a shell, on the node of this cluster.
export PATH=$directory/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export KUBECONFIG=$directory/node.kubeconfig CONTAINERD_NAMESPACE=k8s.io HOME=$directory
[[ \$# -gt 0 ]] || set -- bash --norc
exec nsenter --target "\$(<$directory/node.pid)" $user_namespace--mount --net --pid --cgroup -- "\$@"
END
  chmod 0755 "$directory/enter"
}

fail_to_start() {
  local log
  warn "the cluster did not come up; the last lines of its logs:"
  for log in node $(cat "$directory/failed" 2>/dev/null); do
    printf -- '--- %s\n' "$log" >&2
    tail -n 15 "$directory/log/$log.log" >&2 || true
  done
  exit 1
}

is_up() {
  local pid
  pid=$(cat "$directory/init.pid" 2>/dev/null) || return 1
  is_ours "$pid"
}

# is_ours PID: a number alone may be another process's by now.
is_ours() {
  # It may end meanwhile, or be another user's.
  { tr '\0' '\n' <"/proc/$1/environ"; } 2>/dev/null | grep -xF "CLUSTER=$directory" >/dev/null
}

# The kernel ends every process of a process namespace, and with them the mounts and the network,
# when its first one ends.
stop_all() {
  local pid
  pid=$(cat "$directory/init.pid" 2>/dev/null || true)
  if [[ -n $pid ]] && is_ours "$pid"; then
    kill -KILL "$pid"
  fi
  await_end
  rm -f "$directory"/*.pid
  remove_cgroups
}

# Those outside that only waited for it end by themselves.
await_end() {
  local tries environ pid left
  for ((tries = 0; tries < 150; tries++)); do
    left=''
    for environ in /proc/[0-9]*/environ; do
      pid=${environ#/proc/}
      pid=${pid%/environ}
      if [[ $pid != "$$" ]] && is_ours "$pid"; then
        left+=" $pid"
        # A start that was interrupted has perhaps no first process yet.
        ((tries < 50)) || kill -KILL "$pid" 2>/dev/null || true
      fi
    done
    [[ -n $left ]] || return 0
    sleep 0.1
  done
  warn "processes of $directory do not end:$left"
}

# part stop|kill|start NAME: carried out by the node's first process, whose children they are.
part() {
  local verb=$1 part=$2 tries
  load_settings
  is_up || die "the cluster in $directory is down"
  [[ -e $directory/parts/$part ]] ||
    die "there is no part $part, but: $(cd "$directory/parts" && echo *)"
  rm -f "$directory/answer"
  echo "$verb $part" >"$directory/control"
  for ((tries = 0; tries < 900; tries++)); do
    if [[ -s $directory/answer ]]; then
      [[ $(<"$directory/answer") == ok ]] || die "$verb $part: $(<"$directory/answer")"
      return
    fi
    sleep 0.1
  done
  die "$verb $part was not done after 90 s"
}
