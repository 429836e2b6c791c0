package dev.fuselage.metadata;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The directory of a store as a whole, while nobody has it open. */
public record StoreDirectory(Path path) {
  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Whether there is no store in it; what RocksDB begins a store with is there last. */
  public boolean isMissing() {
    return !Files.exists(path.resolve("CURRENT"));
  }

  /** Where a new store is made before it takes the place of this one; empty at the return. */
  public Path makeRoom() throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    deleteTree(fresh);
    return fresh;
  }

  /**
   * Puts what was made in {@link #makeRoom()} into this one's place.
   *
   * @return where what was there before is kept; empty if there was nothing
   */
  public Optional<Path> install(Instant now) throws IOException {
    Optional<Path> aside = Files.exists(path) ? Optional.of(aside(now)) : Optional.empty();
    if (aside.isPresent()) {
      Files.move(path, aside.get(), StandardCopyOption.ATOMIC_MOVE);
    }
    Files.move(
        path.resolveSibling(path.getFileName() + ".new"), path, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel parent = FileChannel.open(path.resolveSibling(""))) {
      parent.force(true);
    }
    return aside;
  }

  private Path aside(Instant now) {
    String name = path.getFileName() + ".replaced-" + WHEN.format(now);
    Path aside = path.resolveSibling(name);
    for (int i = 2; Files.exists(aside); i++) {
      aside = path.resolveSibling(name + "-" + i);
    }
    return aside;
  }

  /** Deletes a directory and all below it, if it is there. */
  static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(tree)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path below : paths) {
      Files.delete(below);
    }
  }
}
