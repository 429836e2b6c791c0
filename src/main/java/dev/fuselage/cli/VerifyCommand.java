package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Verification;
import dev.fuselage.snapshot.Call;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "verify",
    description = {
      "Looks whether everything is still what it was: the store's checksums, records against each"
          + " other, against directories and against what lies beside each layer to make them again,"
          + " and each layer against the digest taken at its commit.",
      "Goes at a pace, beside what else the service does. Damaged snapshots go into quarantine;"
          + " directories without a record, and records that are not beside their layer, are left to"
          + " the next reconciliation. To interrupt it is safe, and --resume goes on there."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage verify",
      "  fuselage verify --contents",
      "  fuselage verify --json | jq -r '.findings[] | select(.damage).path'"
    })
final class VerifyCommand implements Runnable {
  private final GlobalOptions options;

  @Option(
      names = "--contents",
      description =
          "Read files, too, and compare them where they were read at the layer's commit"
              + " (fuselage.verify.contents).")
  private boolean contents;

  @Option(
      names = "--adopt",
      description =
          "Give layers without a digest that of their tree as it is now; with --contents, of what"
              + " files hold, too.")
  private boolean adopt;

  @Option(names = "--resume", description = "Go on where the last one was interrupted.")
  private boolean resume;

  @Mixin private final FormatOption format = new FormatOption();

  VerifyCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(this::verify);
  }

  private void verify(Administration administration) {
    List<Verification.Finding> findings = new ArrayList<>();
    Verification.Progress result;
    try (ProgressLine line = new ProgressLine(options.terminal())) {
      result =
          administration
              .verification()
              .run(
                  new Verification.Request(contents, adopt, resume),
                  Call.PATIENT,
                  new Verification.Listener() {
                    @Override
                    public void found(Verification.Finding finding) {
                      if (format.value() == TextFormat.JSON) {
                        findings.add(finding);
                      } else {
                        line.close();
                        options.terminal().out().println(line(finding));
                        options.terminal().out().flush();
                      }
                    }

                    @Override
                    public void progressed(Verification.Progress progress) {
                      line.show(
                          "%d of %d snapshots, %d entries"
                              .formatted(
                                  progress.snapshots(),
                                  progress.ofSnapshots(),
                                  progress.entries()));
                    }
                  });
    }
    switch (format.value()) {
      case TEXT -> options.terminal().out().println(summary(result));
      case JSON -> Document.writeJson(document(result, findings), options.terminal().out());
    }
    if (result.damages() > 0) {
      throw new CommandException(
          ExitCode.DAMAGED,
          "Damage was found; `fuselage quarantine ls` shows what of it may not be used any more.");
    }
  }

  private String line(Verification.Finding finding) {
    Terminal terminal = options.terminal();
    StringBuilder line = new StringBuilder();
    line.append(finding.kind().isDamage() ? "DAMAGE " : "NOTE ").append(label(finding.kind()));
    finding
        .place()
        .ifPresent(
            place -> {
              line.append(' ').append(terminal.visible(place.key()));
              line.append(" (id ").append(place.id()).append(')');
              if (!place.path().isEmpty()) {
                line.append(' ').append(terminal.visiblePath(place.path()));
              }
            });
    return line.append(": ").append(terminal.visible(finding.detail())).toString();
  }

  private static String label(Verification.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String summary(Verification.Progress result) {
    return "%d snapshots and %d entries looked at: %d damages, %d notes."
        .formatted(result.snapshots(), result.entries(), result.damages(), result.notes());
  }

  private static Map<String, Object> document(
      Verification.Progress result, List<Verification.Finding> findings) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("snapshots", result.snapshots());
    document.put("entries", result.entries());
    document.put("damages", result.damages());
    document.put("notes", result.notes());
    document.put("findings", findings.stream().map(VerifyCommand::document).toList());
    return document;
  }

  private static Map<String, Object> document(Verification.Finding finding) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("kind", label(finding.kind()));
    document.put("damage", finding.kind().isDamage());
    finding
        .place()
        .ifPresent(
            place -> {
              document.put("id", place.id().value());
              document.put("key", place.key());
              document.put("path", place.path());
            });
    document.put("detail", finding.detail());
    return document;
  }
}
