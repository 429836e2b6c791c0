package dev.fuselage.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What is running here. */
public final class Version implements IVersionProvider {
  private static final String RESOURCE = "/fuselage-version.properties";
  private static final String API = "containerd.services.snapshots.v1";

  @Override
  public String[] getVersion() {
    return new String[] {
      "Fuselage " + ofFuselage(),
      "API " + API,
      "Java %s (%s), %s %s"
          .formatted(
              System.getProperty("java.runtime.version"),
              System.getProperty("java.vm.vendor"),
              System.getProperty("os.name"),
              System.getProperty("os.arch"))
    };
  }

  /** The build's own, written into a resource by it. */
  public static String ofFuselage() {
    Properties properties = new Properties();
    try (InputStream resource =
        Objects.requireNonNull(Version.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      properties.load(resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Objects.requireNonNull(properties.getProperty("version"), RESOURCE);
  }
}
