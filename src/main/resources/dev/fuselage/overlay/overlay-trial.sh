#!/bin/sh
# Does the kernel's overlay really work here? Run in a mount namespace of its own, in an empty
# scratch directory, with the mount options that it needs, each with a comma before it, and with the
# command that binds SOURCE TARGET NAMESPACE with mapped ids, if there is one. The last line says how
# it went: "works", "works id-mapped", "broken: WHY", or what kept us from trying.
#
# Paths are relative, so that no character of the scratch directory's can break the mount options.
set -u
options=$1
shift

answer() {
  echo "$*" | head -n 1
  exit 0
}

broken() {
  answer "broken: $*"
}

# Where not even a tmpfs may be mounted, a refused overlay says nothing about overlays.
mkdir allowed lower lower/opaque upper work merged stacked || exit 0
why=$(mount -t tmpfs tmpfs allowed 2>&1) || answer "mounting is not allowed here: $why"
umount allowed
for file in read write delete opaque/hidden; do
  echo lower > "lower/$file" || exit 0
done

overlay() {
  why=$(mount -t overlay overlay -o "$1" "$2" 2>&1) || broken "$why"
}

# The module may only now be loaded, so its parameters are looked at behind the first mount.
layers=lowerdir=lower,upperdir=upper,workdir=work$options
overlay "$layers" merged
if [ -e /sys/module/overlay/parameters/index ]; then
  umount merged
  overlay "$layers,index=off" merged
fi

[ "$(cat merged/read 2>&1)" = lower ] || broken "a lower file cannot be read"
{ echo upper >> merged/write; } 2> /dev/null || broken "a lower file cannot be written"
[ "$(cat merged/write lower/write upper/write 2>&1)" = "lower
upper
lower
lower
upper" ] || broken "a written lower file is not copied up"
why=$(rm merged/delete 2>&1) || broken "a lower file cannot be deleted: $why"
[ ! -e merged/delete ] || broken "a deleted lower file is still there"
why=$(rm -r merged/opaque 2>&1 && mkdir merged/opaque 2>&1) \
  || broken "a lower directory cannot be replaced: $why"
[ -z "$(ls -A merged/opaque)" ] || broken "a replaced lower directory still shows its files"
umount merged

# Committed layers are stacked read-only: the marks must hold there as well.
overlay "lowerdir=upper:lower$options" stacked
[ "$(cat stacked/read stacked/write 2>&1)" = "lower
lower
upper" ] || broken "a stack of layers shows the wrong file"
[ ! -e stacked/delete ] || broken "a stack of layers shows a deleted file"
[ -z "$(ls -A stacked/opaque)" ] || broken "a stack of layers shows a replaced directory's files"

# As containerd gives a container in a user namespace its layers: bound with mapped ids, then stacked.
id_mapped() {
  mkfifo began ended || return 1
  unshare --user sh -c 'echo > began; read -r _ < ended' &
  namespace=/proc/$!
  read -r _ < began
  bind_and_stack "$@"
  mapped=$?
  echo > ended
  wait
  return "$mapped"
}

bind_and_stack() {
  echo 0 100000 65536 > "$namespace/uid_map" || return 1
  echo 0 100000 65536 > "$namespace/gid_map" || return 1
  mkdir mapped mapped-upper mapped-work
  "$@" lower mapped "$namespace/ns/user" || return 1
  mount -t overlay overlay \
    -o "lowerdir=mapped,upperdir=mapped-upper,workdir=mapped-work$options" merged || return 1
  [ "$(stat -c %u:%g merged/read)" = 100000:100000 ] || return 1
  echo upper >> merged/read || return 1
  [ "$(stat -c %u:%g mapped-upper/read lower/read)" = "100000:100000
0:0" ]
}

if [ "$#" -gt 0 ] && id_mapped "$@" > /dev/null 2>&1; then
  echo works id-mapped
else
  echo works
fi
