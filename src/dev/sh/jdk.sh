#!/bin/sh
# Prints the home of a JDK that can build Fuselage, or says what to install.
set -eu

needed=25

# is_jdk HOME: has a compiler and says in its own release file that it is new enough.
is_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ "${version:-0}" -ge "$needed" ]
}

on_path=$(command -v javac || true)
if [ -n "$on_path" ]; then
  on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
fi

for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* "$on_path" /usr/lib/jvm/*; do
  if [ -n "$home" ] && is_jdk "$home"; then
    printf '%s\n' "$home"
    exit 0
  fi
done

echo "Fuselage is built with JDK $needed or later, and none was found by JAVA_HOME, in" \
  "/usr/lib/jvm or on the PATH: install one (Debian 13: openjdk-25-jdk-headless;" \
  "others: https://adoptium.net) and set JAVA_HOME." >&2
exit 1
