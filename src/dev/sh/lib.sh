# shellcheck shell=bash disable=SC2034
# Functions that the developer scripts share. Sourced, never run.

# Where what is built once and used by every clone is kept.
FUSELAGE_CACHE=${FUSELAGE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fuselage}

# The ordinary user that runs the rootless parts when root starts them.
FUSELAGE_TEST_USER=fuselage-test

CONTAINERD_VERSION=2.2.9
PEER_VERSION=2.1.7
CRANE_VERSION=0.22.1
KUBERNETES_VERSION=1.34.2
# What the chart says that it needs at least; manifests are checked against its API.
OLDEST_KUBERNETES_VERSION=1.30.14
HELM_VERSION=3.19.0
KUBECONFORM_VERSION=0.8.0

FUSELAGE_TEST_IMAGE=docker.io/fuselage/test:latest
PAUSE_IMAGE=localhost/fuselage/pause:1
# Where `make image` puts it, below target.
IMAGE_ARCHIVE=fuselage-image.tar
# On the node of `make cluster`.
REGISTRY_ADDRESS=127.0.0.1:5000

# mount.fuse3, runc and useradd live in sbin, which an ordinary user's PATH lacks.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' plain=$'\e[0m'
else
  bold='' plain=''
fi

section() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }

say() { printf '   %s\n' "$*"; }

warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  warn "$@"
  exit 1
}

# tool_dir NAME VERSION: where that version of a Go tool is kept, built or not.
tool_dir() { printf '%s/tools/%s-%s/bin' "$FUSELAGE_CACHE" "$1" "$2"; }

is_root() { [[ $EUID -eq 0 ]]; }
