package dev.fuselage;

import dev.fuselage.observability.page.Growth;
import dev.fuselage.observability.page.Remembered;
import dev.fuselage.observability.page.Sources;
import dev.fuselage.overlay.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What the node page asks, of the parts of a service. */
final class PageSources {
  /** To list backups opens their engine. */
  private static final Duration BACKUPS_AGE = Duration.ofSeconds(60);

  private PageSources() {}

  static Sources of(
      FuselageConfig config,
      Root root,
      Bookkeeping bookkeeping,
      Housekeeping housekeeping,
      Growth growth) {
    return new Sources(
        config.kubernetes().node().orElseGet(PageSources::hostname),
        root.path().toString(),
        bookkeeping.ledger()::last,
        bookkeeping.ledger(),
        bookkeeping.layers(),
        housekeeping.trash(),
        housekeeping.quarantine(),
        housekeeping::lastVerified,
        new Remembered<>(housekeeping.storeCare()::backups, BACKUPS_AGE, System::nanoTime),
        growth);
  }

  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
