package dev.fuselage.overlay;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Properties;

/**
 * What a root remembers of itself in a small file that a person can read: the version of its
 * format, the store's backend, and the driver whose whiteouts and opaque marks its layers carry.
 */
record RootMark(int format, String backend, Driver driver) {
  static final int FORMAT = 1;
  static final String BACKEND = "rocksdb";

  private static final String FILE = "fuselage.properties";

  /**
   * Reads the mark of a root, empty if it has none.
   *
   * @throws RootException FOREIGN, if it is not one that this version can serve
   */
  static Optional<RootMark> read(Path root) throws RootException {
    Path file = root.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new RootException(
          RootException.Reason.UNUSABLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
    String format = properties.getProperty("format", "");
    String backend = properties.getProperty("backend", "");
    String driver = properties.getProperty("driver", "");
    if (!format.equals(Integer.toString(FORMAT)) || !backend.equals(BACKEND)) {
      throw new RootException(
          RootException.Reason.FOREIGN,
          "%s has format '%s' with backend '%s', this version serves format %d with %s: start the version of Fuselage that made it, or set fuselage.root to another directory"
              .formatted(root, format, backend, FORMAT, BACKEND));
    }
    Driver known =
        Driver.parse(driver)
            .orElseThrow(
                () ->
                    new RootException(
                        RootException.Reason.FOREIGN,
                        "%s was made with driver '%s', which this version does not know"
                            .formatted(root, driver)));
    return Optional.of(new RootMark(FORMAT, backend, known));
  }

  /** Writes the mark so that it is there whole or not at all, and stays. */
  void write(Path root) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("format", Integer.toString(format));
    properties.setProperty("backend", backend);
    properties.setProperty("driver", driver.label());
    Path fresh = root.resolve(FILE + ".new");
    Files.writeString(fresh, text(properties));
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(fresh, root.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel channel = FileChannel.open(root)) {
      channel.force(true);
    }
  }

  private static String text(Properties properties) {
    StringWriter writer = new StringWriter();
    try {
      properties.store(writer, "What this root was made by. Fuselage refuses another one.");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toString();
  }
}
