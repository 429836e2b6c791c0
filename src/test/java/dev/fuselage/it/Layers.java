package dev.fuselage.it;

import dev.fuselage.it.Caller.Entry;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Layers whose contents follow from their names, written as an unpack writes them: whoever writes
 * syncs nothing.
 */
final class Layers implements Caller.Unpacker {
  private static final int MOST_BYTES = 40_000;
  private static final int MOST_BYTES_OF_ONE = 300_000;
  private static final String LINK = "link";

  private final Map<String, Path> places = new ConcurrentHashMap<>();
  private int lookedAt;

  private record Contents(byte[] bytes, String mode) {}

  @Override
  public void unpack(String name, List<Mount> mounts) {
    Path fs = writable(mounts.getFirst());
    places.put(name, fs);
    try {
      clear(fs);
      for (var file : files(name).entrySet()) {
        Path path = fs.resolve(file.getKey());
        Files.createDirectories(path.resolve(".."));
        Files.write(path, file.getValue().bytes());
        Files.setPosixFilePermissions(
            path, PosixFilePermissions.fromString(file.getValue().mode()));
      }
      Files.createSymbolicLink(fs.resolve(LINK), Path.of(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where what is written upon a mount of an active snapshot lies. */
  static Path writable(Mount mount) {
    String upper = "upperdir=";
    return mount.options().stream()
        .filter(option -> option.startsWith(upper))
        .map(option -> Path.of(option.substring(upper.length())))
        .findFirst()
        .orElse(Path.of(mount.source()));
  }

  /** Of what an attempt before left. */
  private static void clear(Path fs) throws IOException {
    try (Stream<Path> paths = Files.walk(fs)) {
      for (Path path : paths.filter(path -> !path.equals(fs)).toList().reversed()) {
        Files.delete(path);
      }
    }
  }

  private static Map<String, Contents> files(String name) {
    Random random = new Random(name.hashCode());
    Map<String, Contents> files = new TreeMap<>();
    int count = 2 + random.nextInt(8);
    for (int i = 0; i < count; i++) {
      int most = i == 0 ? MOST_BYTES_OF_ONE : MOST_BYTES;
      byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(200) : random.nextInt(most)];
      random.nextBytes(bytes);
      files.put(
          "d%d/e%d/f%d".formatted(random.nextInt(3), random.nextInt(2), i),
          new Contents(bytes, random.nextBoolean() ? "rwxr-xr-x" : "rw-r-----"));
    }
    return files;
  }

  /** What the committed among some snapshots lack, in words. */
  List<String> damages(Map<String, Entry> found) throws IOException {
    List<String> damages = new ArrayList<>();
    for (var snapshot : found.entrySet()) {
      if (snapshot.getValue().kind() == Kind.COMMITTED) {
        lookedAt++;
        damage(snapshot.getKey()).ifPresent(damages::add);
      }
    }
    return damages;
  }

  /** How many were looked at by now. */
  int lookedAt() {
    return lookedAt;
  }

  private Optional<String> damage(String name) throws IOException {
    Path fs = places.get(name);
    if (fs == null) {
      return Optional.of(name + " was never written");
    }
    Map<String, Contents> files = files(name);
    TreeSet<String> missing = new TreeSet<>(files.keySet());
    missing.add(LINK);
    try (Stream<Path> paths = Files.walk(fs)) {
      for (Path path : paths.toList()) {
        String relative = fs.relativize(path).toString();
        missing.remove(relative);
        Contents contents = files.get(relative);
        if (contents != null && !isWhole(path, contents)) {
          return Optional.of(
              "%s: %s has %d bytes of %d, or others"
                  .formatted(name, path, Files.size(path), contents.bytes().length));
        }
      }
    } catch (IOException e) {
      return Optional.of(name + ": " + e);
    }
    return missing.isEmpty() ? Optional.empty() : Optional.of(name + " lacks " + missing);
  }

  private static boolean isWhole(Path path, Contents contents) throws IOException {
    return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        && Arrays.equals(Files.readAllBytes(path), contents.bytes())
        && PosixFilePermissions.toString(Files.getPosixFilePermissions(path))
            .equals(contents.mode());
  }
}
