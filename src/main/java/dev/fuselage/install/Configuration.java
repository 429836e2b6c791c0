package dev.fuselage.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * containerd's configuration as an admin wrote it: its main file and what that imports, our own
 * drop-in left out, or with it. As containerd 2 does it, tables are merged deeply, and lists and
 * proxy plugins replaced.
 */
final class Configuration {
  /** Whose entries are replaced as a whole. */
  static final String PROXY_PLUGINS = "proxy_plugins";

  private final Path main;
  private final Map<Path, ObjectNode> files = new LinkedHashMap<>();
  private final List<Path> patterns = new ArrayList<>();
  private final ObjectNode merged = Toml.table();

  private Configuration(Path main) {
    this.main = main;
  }

  /**
   * Reads it. A main file that is not there is an empty one, as to containerd.
   *
   * @throws IOException if a file can't be read or is no TOML; the message names it
   */
  static Configuration read(Path main, Path dropIn) throws IOException {
    return read(main, Set.of(dropIn));
  }

  /** The same where there is no drop-in of ours, and nothing is left out. */
  static Configuration read(Path main) throws IOException {
    return read(main, Set.of());
  }

  private static Configuration read(Path main, Set<Path> leftOut) throws IOException {
    Configuration configuration = new Configuration(main);
    // What files import comes after all that the ones before them do.
    Deque<Path> pending = new ArrayDeque<>(List.of(main));
    while (!pending.isEmpty()) {
      Path file = pending.remove();
      if (!leftOut.contains(file) && !configuration.files.containsKey(file) && Files.exists(file)) {
        pending.addAll(configuration.add(file));
      }
    }
    return configuration;
  }

  /** Gives what it imports, in this order. */
  private List<Path> add(Path file) throws IOException {
    ObjectNode content;
    try {
      content = Toml.read(file);
    } catch (IOException e) {
      throw new IOException("%s can't be read: %s".formatted(file, e.getMessage()), e);
    }
    files.put(file, content);
    merge(merged, content);
    content
        .path(PROXY_PLUGINS)
        .properties()
        .forEach(
            entry ->
                merged
                    .withObjectProperty(PROXY_PLUGINS)
                    .set(entry.getKey(), entry.getValue().deepCopy()));
    List<Path> imports = new ArrayList<>();
    for (JsonNode imported : content.path("imports")) {
      Path pattern = file.resolveSibling(imported.asText()).normalize();
      patterns.add(pattern);
      imports.addAll(matches(pattern));
    }
    return imports;
  }

  /** As Go's filepath.Glob, with wildcards in the last part alone. */
  private static List<Path> matches(Path pattern) throws IOException {
    List<Path> matches = new ArrayList<>();
    Path directory = pattern.getParent();
    if (directory != null && Files.isDirectory(directory)) {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        entries.forEach(
            entry -> {
              if (matcher.matches(entry)) {
                matches.add(entry);
              }
            });
      }
    }
    matches.sort(null);
    return matches;
  }

  private static void merge(ObjectNode into, ObjectNode from) {
    from.properties()
        .forEach(
            entry -> {
              if (into.get(entry.getKey()) instanceof ObjectNode below
                  && entry.getValue() instanceof ObjectNode other) {
                merge(below, other);
              } else {
                into.set(entry.getKey(), entry.getValue().deepCopy());
              }
            });
  }

  Path main() {
    return main;
  }

  boolean isThere() {
    return files.containsKey(main);
  }

  /** What the main file says of its own version; 0 if it does not. */
  int version() {
    return files.getOrDefault(main, Toml.table()).path("version").asInt(0);
  }

  /** Whether a file is read by containerd besides the main one. */
  boolean imports(Path file) {
    return patterns.stream()
        .anyMatch(
            pattern -> FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(file));
  }

  /** What all files say together, at a path of keys; a missing node where they say nothing. */
  JsonNode at(List<String> path) {
    return at(merged, path);
  }

  private static JsonNode at(JsonNode table, List<String> path) {
    JsonNode node = table;
    for (String key : path) {
      node = node.path(key);
    }
    return node;
  }

  /** The file that has the last word at a path of keys; empty where none says anything. */
  Optional<Path> lastToSay(List<String> path) {
    return files.entrySet().stream()
        .filter(entry -> !at(entry.getValue(), path).isMissingNode())
        .map(Map.Entry::getKey)
        .reduce((_, later) -> later);
  }

  /** The files in which something has this snapshotter. */
  List<Path> whichUse(String snapshotter) {
    return files.entrySet().stream()
        .filter(entry -> uses(entry.getValue(), snapshotter))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether something in it has this snapshotter. */
  static boolean uses(JsonNode node, String snapshotter) {
    return node.path("snapshotter").asText("").equals(snapshotter)
        || node.valueStream().anyMatch(below -> uses(below, snapshotter));
  }
}
