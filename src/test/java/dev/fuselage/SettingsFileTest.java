package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsFileTest {
  @TempDir private Path directory;

  @Test
  void isReadAsYaml() throws IOException {
    Config config = with("settings.yaml", "fuselage:\n  root: /from/file\n");

    assertThat(config.getValue("fuselage.root", String.class)).isEqualTo("/from/file");
  }

  @Test
  void isReadAsProperties() throws IOException {
    Config config = with("settings.properties", "fuselage.root=/from/file\n");

    assertThat(config.getValue("fuselage.root", String.class)).isEqualTo("/from/file");
  }

  @Test
  void comesBehindTheEnvironment() throws IOException {
    Config config =
        with(
            "settings.yaml",
            "fuselage:\n  root: /from/file\n",
            Map.entry("FUSELAGE_ROOT", "/from/environment"));

    assertThat(config.getValue("fuselage.root", String.class)).isEqualTo("/from/environment");
  }

  @Test
  void isNoneWhereNobodyNamesOneAndTheUsualOneIsMissing() {
    assertThat(new SettingsFile(Map.of()).getConfigSources(getClass().getClassLoader()))
        .hasSize(Files.exists(Path.of(SettingsFile.DEFAULT)) ? 1 : 0);
  }

  @SafeVarargs
  private Config with(String name, String text, Map.Entry<String, String>... environment)
      throws IOException {
    Path file = Files.writeString(directory.resolve(name), text);
    SettingsFile settings = new SettingsFile(Map.of(SettingsFile.VARIABLE, file.toString()));
    SmallRyeConfigBuilder builder =
        new SmallRyeConfigBuilder()
            .withSources(new EnvConfigSource(Map.ofEntries(environment), 300));
    settings.getConfigSources(getClass().getClassLoader()).forEach(builder::withSources);
    return builder.build();
  }
}
