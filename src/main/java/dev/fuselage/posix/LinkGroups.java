package dev.fuselage.posix;

import java.util.HashMap;
import java.util.Map;

/**
 * Which names of a tree are the same file: for each inode that has several links, how many of them
 * were met and the sum of where. Threads share it.
 */
final class LinkGroups {
  private static final int KIND = 4;

  private final Map<Inode, Group> groups = new HashMap<>();

  private record Inode(long device, long number) {}

  private record Group(long names, long places) {
    Group and(Group other) {
      return new Group(names + other.names, places + other.places);
    }
  }

  /** Notes a name of an inode; true the first time. */
  synchronized boolean add(long device, long inode, long place) {
    Group group = groups.merge(new Inode(device, inode), new Group(1, place), Group::and);
    return group.names() == 1;
  }

  /** The sum over all groups of more than one name, whatever the order they were met in. */
  synchronized long sum() {
    Fingerprint fingerprint = new Fingerprint();
    long sum = 0;
    for (Group group : groups.values()) {
      if (group.names() > 1) {
        sum += fingerprint.begin(KIND).put(group.names()).put(group.places()).end();
      }
    }
    return sum;
  }
}
