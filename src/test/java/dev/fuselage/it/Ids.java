package dev.fuselage.it;

import dev.fuselage.snapshot.Mount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which id each active snapshot had, as its mounts tell; no id may ever be another's again. */
final class Ids {
  private static final Pattern WRITABLE = Pattern.compile("(?:upperdir=)?/.*/snapshots/(\\d+)/fs");

  private final Map<String, String> keys = new ConcurrentHashMap<>();

  /** Takes note of an active snapshot's mounts; those of others have no id of their own in them. */
  void see(String key, List<Mount> mounts) {
    for (Mount mount : mounts) {
      List<String> places = new ArrayList<>();
      if (mount.options().contains("rw")) {
        places.add(mount.source());
      }
      mount.options().stream().filter(it -> it.startsWith("upperdir=")).forEach(places::add);
      for (String place : places) {
        Matcher id = WRITABLE.matcher(place);
        if (id.matches()) {
          String before = keys.putIfAbsent(id.group(1), key);
          if (before != null && !before.equals(key)) {
            throw new AssertionError(
                "id %s of %s was that of %s".formatted(id.group(1), key, before));
          }
        }
      }
    }
  }

  int count() {
    return keys.size();
  }
}
