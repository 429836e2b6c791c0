package dev.fuselage.overlay;

import dev.fuselage.posix.Directory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A directory of this user's own for as long as something is tried. Only a kill leaves it behind,
 * and then nobody takes it away: by its name alone it may be somebody else's.
 */
final class Scratch implements AutoCloseable {
  static final String PREFIX = ".fuselage-preflight-";

  private final Path path;

  private Scratch(Path path) {
    this.path = path;
  }

  static Scratch in(Path parent) throws IOException {
    return new Scratch(Files.createTempDirectory(parent, PREFIX));
  }

  Path path() {
    return path;
  }

  Directory open() throws IOException {
    return Directory.open(path);
  }

  /** Why the file system refuses, in the kernel's words. */
  static String reason(IOException failure) {
    if (failure instanceof FileSystemException known && known.getReason() != null) {
      return known.getReason();
    }
    return failure.toString();
  }

  @Override
  public void close() throws IOException {
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
