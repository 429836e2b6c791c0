package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Trash;
import dev.fuselage.snapshot.Call;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "cleanup",
    description = {
      "Has what was removed deleted: at the usual pace in the background, or with --now at full"
          + " speed, waiting for it.",
      "To interrupt it is safe: what is left is deleted at the usual pace."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage cleanup",
      "  fuselage cleanup --now",
      "  fuselage cleanup --now --json | jq .entriesDeleted"
    })
final class CleanupCommand implements Runnable {
  private final GlobalOptions options;

  @Option(
      names = "--now",
      description = "Delete at full speed, and wait until what is in the trash now is gone.")
  private boolean now;

  @Mixin private final FormatOption format = new FormatOption();

  CleanupCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(this::clean);
  }

  private void clean(Administration administration) {
    Trash.Progress result = now ? empty(administration.trash()) : administration.trash().wake();
    switch (format.value()) {
      case TEXT -> options.terminal().out().println(sentence(result));
      case JSON -> Document.writeJson(document(result), options.terminal().out());
    }
    if (now && result.treesPostponed() > 0) {
      throw new CommandException(
          ExitCode.FAILED,
          "%d of them can't be deleted now; `fuselage trash ls` says why."
              .formatted(result.treesPostponed()));
    }
  }

  private Trash.Progress empty(Trash trash) {
    try (ProgressLine line = new ProgressLine(options.terminal())) {
      return trash.empty(
          Call.PATIENT,
          progress ->
              line.show(
                  "%d entries deleted, %d trees left"
                      .formatted(progress.entriesDeleted(), progress.treesLeft())));
    }
  }

  private String sentence(Trash.Progress result) {
    return now
        ? "%d trees deleted, %d left; %d entries deleted."
            .formatted(result.treesDeleted(), result.treesLeft(), result.entriesDeleted())
        : "%d trees are in the trash, %d of them in back-off."
            .formatted(result.treesLeft(), result.treesPostponed());
  }

  private static Map<String, Object> document(Trash.Progress progress) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("treesLeft", progress.treesLeft());
    document.put("treesDeleted", progress.treesDeleted());
    document.put("entriesDeleted", progress.entriesDeleted());
    document.put("treesPostponed", progress.treesPostponed());
    return document;
  }
}
