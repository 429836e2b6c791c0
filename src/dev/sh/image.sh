#!/usr/bin/env bash
# Builds the image from target/fuselage into target/fuselage-image.tar, an OCI archive, with no
# registry: the base images of the Dockerfile are made here, from Debian's packages and the JDK of
# this machine, and kept in the cache.
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

suite=trixie
archive=target/fuselage-image.tar
store=$FUSELAGE_CACHE/image
base=$store/base-$suite

scratch=''

main() {
  local version jdk jdk_version image
  is_root || die "building an image takes the rights of root here"
  version=$(read_version)
  jdk=$(src/dev/sh/jdk.sh)
  jdk_version=$(sed -n 's/^JAVA_RUNTIME_VERSION="\(.*\)"/\1/p' "$jdk/release" | tr -c 'A-Za-z0-9.\n' -)
  image=localhost/fuselage:$version
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/fuselage-image.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  mkdir -p "$store"
  exec {lock}>"$store/.lock"
  flock "$lock"

  # Whatever a killed run left behind.
  in_store rm --all >/dev/null
  make_base
  if ! in_store inspect --type image "localhost/fuselage-base:$suite" >/dev/null 2>&1; then
    make_image "localhost/fuselage-base:$suite" "$base" /
  fi
  # Made each time: buildah removes the image of a stage that nothing was added to.
  # Distributions link parts of their JDK to elsewhere, and links would stay links.
  cp -aL "$jdk" "$scratch/jdk"
  make_image "localhost/fuselage-jdk:$jdk_version" "$scratch/jdk" /opt/java/openjdk

  section "Build $image"
  in_store bud --isolation chroot --pull-never --no-cache --force-rm --format oci --tag "$image" \
    --build-arg "BASE=localhost/fuselage-base:$suite" \
    --build-arg "JDK=localhost/fuselage-jdk:$jdk_version" \
    --build-arg "VERSION=$version" . >"$scratch/log" 2>&1 || {
    tail -n 40 "$scratch/log" >&2
    die "the image could not be built, the last lines are above"
  }
  rm -f "$archive"
  in_store push --quiet "$image" "oci-archive:$archive:$image"
  report "$image"
  in_store rmi "$image" >/dev/null
}

read_version() {
  sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml | head -n 1
}

# in_store COMMAND...: buildah with storage of our own.
in_store() {
  local command=$1
  shift
  buildah --storage-driver vfs --root "$store/images" --runroot "$store/run" "$command" "$@"
}

make_base() {
  local building
  if [[ -d $base ]]; then
    return
  fi
  section "Make a Debian $suite to build in (once, into $base)"
  building=$(mktemp -d "$store/.building.XXXXXX")
  if ! debootstrap --variant=minbase --include=gcc,libc6-dev "$suite" "$building" \
    >"$scratch/log" 2>&1; then
    tail -n 20 "$scratch/log" >&2
    rm -rf "$building"
    die "debootstrap failed, its last lines are above"
  fi
  rm -rf "$building"/var/cache/apt/archives/*.deb "$building"/var/lib/apt/lists/*
  chmod 0755 "$building"
  mv -T "$building" "$base"
}

# make_image NAME DIRECTORY PLACE: an image that holds that directory there.
make_image() {
  local name=$1 directory=$2 place=$3 container
  container=$(in_store from scratch)
  in_store add --quiet "$container" "$directory" "$place" >/dev/null
  in_store commit --quiet --disable-compression "$container" "$name" >/dev/null
  in_store rm "$container" >/dev/null
}

report() {
  local image=$1 mount container
  section "$image in $archive"
  say "archive   $(numfmt --to=iec-i --suffix=B "$(stat -c %s "$archive")")"
  container=$(in_store from --pull-never "$image")
  mount=$(in_store mount "$container")
  say "unpacked  $(numfmt --to=iec-i --suffix=B "$(du -sxB1 "$mount" | cut -f1)")"
  tar -xf "$archive" -C "$scratch"
  say "layers    $(layers)"
  start_up "$mount"
  in_store umount "$container" >/dev/null
  in_store rm "$container" >/dev/null
}

# The sizes of the packed layers, lowest first.
layers() {
  local index manifest
  index=$(manifest_digest "$scratch/index.json")
  manifest=$scratch/blobs/sha256/$index
  grep -o '"mediaType":"application/vnd.oci.image.layer[^}]*' "$manifest" |
    sed 's/.*"size":\([0-9]*\).*/\1/' | numfmt --to=iec-i --suffix=B | paste -sd ' '
}

manifest_digest() {
  grep -o '"digest":"sha256:[0-9a-f]*' "$1" | head -n 1 | cut -d: -f3
}

# start_up ROOT: runs the image as the chart does, with a read-only root and few capabilities.
start_up() {
  local began state=$scratch/state socket resident
  socket=$state/run/fuselage.sock
  mkdir -p "$scratch/bundle" "$state/run" "$state/root"
  bundle "$1" >"$scratch/bundle/config.json"
  began=$(date +%s%N)
  runc --root "$scratch/runc" run --bundle "$scratch/bundle" fuselage-image >"$scratch/serve" 2>&1 &
  until [[ -S $socket ]]; do
    kill -0 $! 2>/dev/null || {
      cat "$scratch/serve" >&2
      die "the image does not start, it says why above"
    }
    sleep 0.01
  done
  say "start     $((($(date +%s%N) - began) / 1000000)) ms until its socket answers"
  runc --root "$scratch/runc" exec fuselage-image fuselage ls --no-headers
  resident=$(awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$(container_pid)/status")
  say "memory    $(numfmt --to=iec-i --suffix=B "$resident") resident"
  runc --root "$scratch/runc" kill fuselage-image TERM
  wait $!
}

container_pid() {
  runc --root "$scratch/runc" state fuselage-image | sed -n 's/.*"pid": \([0-9]*\).*/\1/p'
}

bundle() {
  local capabilities='["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER"]'
  cat <<END
{
  "ociVersion": "1.0.2",
  "process": {
    "user": { "uid": 0, "gid": 0 },
    "args": ["/opt/fuselage/bin/fuselage", "serve"],
    "env": ["PATH=/opt/fuselage/bin", "LANG=C.UTF-8", "container=oci"],
    "cwd": "/",
    "noNewPrivileges": true,
    "capabilities": {
      "bounding": $capabilities, "effective": $capabilities, "permitted": $capabilities
    }
  },
  "root": { "path": "$1", "readonly": true },
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
    { "destination": "/run/fuselage", "type": "bind", "source": "$scratch/state/run", "options": ["bind"] },
    { "destination": "/var/lib/fuselage", "type": "bind", "source": "$scratch/state/root", "options": ["bind"] }
  ],
  "linux": {
    "namespaces": [
      { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" },
      { "type": "network" }
    ]
  }
}
END
}

main "$@"
