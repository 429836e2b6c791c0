#!/bin/sh
# Says whether the root file system is what the image's layers make together.
failures=0

expect() {
  if [ "$2" != "$3" ]; then
    echo "$1: expected '$2', found '$3'"
    failures=$((failures + 1))
  fi
}

owner() { expect "owner of $1" "$2" "$(stat -c %u:%g "$1")"; }
mode() { expect "mode of $1" "$2" "$(stat -c %a "$1")"; }
content() { expect "content of $1" "$2" "$(cat "$1")"; }
absent() { expect "$1" absent "$([ -e "$1" ] && echo present || echo absent)"; }

cd /data || exit 1
owner of-root 0:0
owner of-user 1000:1000
owner of-nobody 65534:65534
owner of-user-and-root 1000:0
owner directory-of-user 1000:1000
mode directory-of-user 750
content linked-too "one file, three names"
content directory-of-user/linked-elsewhere "one file, three names"
content symbolic root
expect "target of dangling" /no/such/file "$(readlink dangling)"
expect "type of pipe" fifo "$(stat -c %F pipe)"
mode unreadable 0
mode set-uid 4755
mode set-gid 2775
mode sticky 1777
expect "size of empty" 0 "$(stat -c %s empty)"
content "a name with spaces, é and 日本" "a name"

absent removed
absent removed-directory
expect "names in replaced" "./new ./newer" "$(cd replaced && echo ./*)"
content becomes-directory/file "a directory above"
content becomes-file "a file above"
content for-all "nobody else"
mode for-all 600
content /etc/motd "The fourth layer wrote this."

[ "$failures" = 0 ] && echo "the root file system is whole"
exit "$failures"
