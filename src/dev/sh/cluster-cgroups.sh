# shellcheck shell=bash disable=SC2154
# The control groups of cluster.sh: one of its own in each hierarchy, which becomes the root of a
# control group namespace and holds every container. Sourced, with name, user and rootless set.

# Prints the directory that the cluster's group has or will have in each v1 hierarchy.
cgroups() {
  local hierarchy mount_point options own
  while read -r mount_point options; do
    own=''
    if ! is_root; then
      # Whoever is not root can make groups only below one that was given to them.
      hierarchy=${options##*,}
      own=$(awk -F: -v hierarchy="$hierarchy" \
        '{ n = split($2, names, ","); for (i = 1; i <= n; i++) if (names[i] == hierarchy) print $3 }' \
        /proc/self/cgroup)
    fi
    printf '%s/%s\n' "$mount_point${own%/}" "$name"
  done < <(cgroup_mounts)
}

# Prints mount point and options of each v1 hierarchy.
cgroup_mounts() {
  awk '{
    for (i = 7; $i != "-"; i++);
    if ($(i + 1) == "cgroup" && $5 ~ "^/sys/fs/cgroup/") print $5, $(i + 3)
  }' /proc/self/mountinfo
}

check_cgroups() {
  local group
  [[ -n $(cgroup_mounts) ]] ||
    die "this machine has no cgroup v1 hierarchies in /sys/fs/cgroup, and only those are supported:" \
      "boot it with systemd.unified_cgroup_hierarchy=0"
  while read -r group; do
    [[ -w ${group%/*} ]] ||
      die "${group%/*} is not yours to make groups in: have root run this, which then works as the" \
        "user $FUSELAGE_TEST_USER"
  done < <(cgroups)
}

make_cgroups() {
  local group
  while read -r group; do
    mkdir -p "$group"
    case $group in
      */cpuset/*)
        cat "${group%/*}/cpuset.cpus" >"$group/cpuset.cpus"
        cat "${group%/*}/cpuset.mems" >"$group/cpuset.mems"
        echo 1 >"$group/cgroup.clone_children"
        ;;
    esac
    if [[ $rootless == 1 ]] && is_root; then
      chown -R "$user:" "$group"
    fi
  done < <(cgroups)
}

# Moves the calling shell, and what it starts.
enter_cgroups() {
  local group
  while read -r group; do
    echo "$BASHPID" >"$group/cgroup.procs"
  done < <(cgroups)
}

# A group whose last process has ended may take a moment.
remove_cgroups() {
  local group tries
  while read -r group; do
    for ((tries = 0; tries < 100; tries++)); do
      [[ -d $group ]] || break
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
      [[ ! -d $group ]] || sleep 0.1
    done
    [[ ! -d $group ]] || warn "the control group $group could not be removed"
  done < <(cgroups)
}
