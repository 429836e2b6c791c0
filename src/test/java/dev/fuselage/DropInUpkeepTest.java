package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.install.ContainerdVersion;
import dev.fuselage.install.Departure;
import dev.fuselage.install.Entrance;
import dev.fuselage.install.Installer;
import dev.fuselage.install.Removal;
import dev.fuselage.install.Standing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DropInUpkeepTest {
  @TempDir private Path directory;
  private Path dropIn;

  @BeforeEach
  void write() throws IOException {
    dropIn = directory.resolve("conf.d/fuselage.toml");
    Files.writeString(
        directory.resolve("config.toml"), "version = 3\nimports = [\"conf.d/*.toml\"]\n");
  }

  private DropInUpkeep upkeep(boolean kept) {
    return new DropInUpkeep(
        new Installer(
            new Installer.Settings(
                Entrance.RUNTIME_CLASS,
                directory.resolve("config.toml"),
                dropIn,
                directory.resolve("manifests"),
                Path.of("/run/fuselage/fuselage.sock"),
                Path.of("/var/lib/fuselage"),
                true,
                false),
            () -> ContainerdVersion.of("v2.2.9")),
        kept);
  }

  @Test
  void whereNobodyTellsItIsWrittenAtOnce() {
    DropInUpkeep upkeep = upkeep(true);

    upkeep.run();

    assertThat(dropIn).exists();
    assertThat(upkeep.standing()).isEqualTo(new Standing.Complete());
  }

  @Test
  void nothingIsWrittenBeforeItIsKnownWhetherTheNodeWasLeft() {
    DropInUpkeep upkeep = upkeep(false);

    upkeep.run();
    assertThat(dropIn).doesNotExist();

    upkeep.stay(true);
    assertThat(dropIn).exists();
  }

  @Test
  void onANodeThatWasLeftNothingIsWrittenUntilItIsWantedAgain() {
    DropInUpkeep upkeep = upkeep(false);
    upkeep.stay(false);

    upkeep.run();
    assertThat(dropIn).doesNotExist();

    upkeep.stay(true);
    assertThat(dropIn).exists();
  }

  @Test
  void whatIsGoneStaysSoUntilItIsWantedAgain() {
    DropInUpkeep upkeep = upkeep(false);
    upkeep.stay(true);

    assertThat(upkeep.remove(new Departure(0, true, false))).isEqualTo(new Removal.Gone());
    upkeep.run();
    assertThat(dropIn).doesNotExist();

    upkeep.stay(true);
    assertThat(dropIn).exists();
  }
}
