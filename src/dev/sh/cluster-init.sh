#!/usr/bin/env bash
# The first process of a cluster, in the process and mount namespaces that cluster.sh made for it.
# It opens the one door to the machine's own network, behind which is the API server, and goes on in
# network and control group namespaces of its own.
set -euo pipefail

main() {
  local port
  port=$(cat "$CLUSTER/port" 2>/dev/null || free_port)
  echo "$port" >"$CLUSTER/port"
  rm -f "$CLUSTER/door"
  # A socket file is met from every network namespace.
  socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:$CLUSTER/door" \
    >>"$CLUSTER/log/door.log" 2>&1 &
  exec unshare --cgroup --mount --net bash "$CLUSTER/dev/cluster-node.sh"
}

free_port() {
  local port
  for ((port = 16443; port < 16543; port++)); do
    if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  echo "no port from 16443 to 16542 is free" >&2
  return 1
}

main
