package dev.fuselage;

import io.smallrye.config.AbstractLocationConfigSourceLoader;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.net.URL;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.ConfigSourceProvider;

/**
 * The operator's file of settings. It is found by this class, not by {@code
 * smallrye.config.locations}, because what that names goes before the environment and even before
 * the command line.
 */
public final class SettingsFile extends AbstractLocationConfigSourceLoader
    implements ConfigSourceProvider {
  /** Names the file; the launcher looks whether it can be read. */
  static final String VARIABLE = "FUSELAGE_CONFIG";

  static final String DEFAULT = "/etc/fuselage/fuselage.yaml";

  /** Below the environment's 300, above what ships with the program. */
  private static final int ORDINAL = 290;

  private final Map<String, String> environment;

  public SettingsFile() {
    this(System.getenv());
  }

  SettingsFile(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Iterable<ConfigSource> getConfigSources(ClassLoader classLoader) {
    String file =
        Optional.ofNullable(environment.get(VARIABLE))
            .filter(name -> !name.isEmpty())
            .orElse(DEFAULT);
    return loadConfigSources(file, ORDINAL, classLoader);
  }

  @Override
  protected String[] getFileExtensions() {
    return new String[] {"yaml", "yml", "properties"};
  }

  @Override
  protected ConfigSource loadConfigSource(URL url, int ordinal) throws IOException {
    return url.getPath().endsWith(".properties")
        ? new PropertiesConfigSource(url, ordinal)
        : new YamlConfigSource(url, ordinal);
  }
}
