package dev.fuselage.cli;

import dev.fuselage.cleanup.StoppedRoot;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "restore",
    description = {
      "Makes the metadata store again as rebuild does, and takes from a backup what nothing beside a"
          + " layer says. What lies beside a layer goes before the backup, since it is younger.",
      "The store of before is moved aside, never deleted. It may be interrupted, and run again."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage restore",
      "  fuselage restore 12 --root /data/fuselage --from /backup/fuselage"
    })
final class RestoreCommand implements Runnable {
  private final GlobalOptions options;

  @Mixin private final Repair repair = new Repair();
  @Mixin private final FormatOption format = new FormatOption();

  @Option(
      names = "--from",
      paramLabel = "PATH",
      description =
          "Where the backups of a root are that no service has (default: backups in the root). A"
              + " service knows its own.")
  private Optional<Path> from = Optional.empty();

  @Parameters(
      arity = "0..1",
      paramLabel = "ID",
      description = "The backup's id, as backup ls shows it (default: the youngest).")
  private Optional<Integer> id = Optional.empty();

  RestoreCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    OptionalInt backup = id.map(OptionalInt::of).orElseGet(OptionalInt::empty);
    repair.run(
        options,
        format.value(),
        (root, work) ->
            StoppedRoot.restore(root, from.orElse(root.resolve("backups")), backup, work),
        (care, root, call, progress) -> care.restore(root, backup, call, progress));
  }
}
