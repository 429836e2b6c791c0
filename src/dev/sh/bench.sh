#!/usr/bin/env bash
# Measures Fuselage against the Go snapshotter; see docs/benchmarks.md.
#
#   ROUNDS=5            rounds, each of both in turns
#   GROWTH=1            also how calls grow with snapshots and with layers, drawn as a picture
#   WATCH=1             also what metrics, the page and polls of usage cost
#   SOAK=1              also the memory after 30 minutes of load
#   BENCH_DIR=…         where to put the roots; by default beside the distribution
#   BENCH_DISK=own      put them on an ext4 with a journal, in a file there, or none; auto, the default,
#                       is own where BENCH_DIR is on an ext4 without a journal
#   MARKDOWN=1          put the table into docs/benchmarks.md
#   BENCH_FLAGS=…       more flags of cmd/bench, as -tree 1000
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$scripts/../../.." && pwd)
distribution=${FUSELAGE_DIST:-$tree/target/fuselage}
peer=$(tool_dir containerd-fuse-overlayfs-grpc "$PEER_VERSION")/containerd-fuse-overlayfs-grpc
containerd=$(tool_dir containerd "$CONTAINERD_VERSION")

[[ -x $distribution/bin/fuselage ]] || die "no distribution in $distribution: run 'make dist'"
[[ -x $peer && -d $containerd ]] || die "the Go snapshotter or containerd is not built: run 'make bench'"

tools=$tree/target/bench-tools
mkdir -p "$tools"
(cd "$tree/src/test/go" && CGO_ENABLED=0 go build -o "$tools/" ./cmd/bench ./cmd/snapbench ./cmd/testimage)

options=(
  -fuselage "$distribution/bin/fuselage"
  -peer "$peer"
  -containerd "$containerd"
  -directory "${BENCH_DIR:-$tree/target}"
  -disk "${BENCH_DISK:-auto}"
  -json "$tree/target/bench.json"
  -rounds "${ROUNDS:-5}"
)
if [[ ${GROWTH:-} == 1 ]]; then
  options+=(-growth -plot "$tree/docs/benchmarks-growth.svg")
fi
if [[ ${WATCH:-} == 1 ]]; then
  options+=(-watch)
fi
if [[ ${SOAK:-} == 1 ]]; then
  options+=(-soak 1800)
fi
if [[ ${MARKDOWN:-} == 1 ]]; then
  options+=(-markdown "$tree/docs/benchmarks.md")
fi
read -r -a more <<<"${BENCH_FLAGS:-}"

FUSELAGE_JAVA_HOME=$("$scripts/jdk.sh")
export FUSELAGE_JAVA_HOME
# It stops in order by itself when it is told to, so it takes this shell's place.
exec "$tools/bench" "${options[@]}" "${more[@]}"
