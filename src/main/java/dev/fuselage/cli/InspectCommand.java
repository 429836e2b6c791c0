package dev.fuselage.cli;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description =
        "Shows all that the service knows of one snapshot: usage, labels, mounts, and its"
            + " children's names.",
    footer = {
      "",
      "Examples:",
      "  fuselage inspect sha256:5f70bf18a086…",
      "  fuselage inspect -o json KEY | jq -r '.mounts[].options[]'"
    })
final class InspectCommand implements Runnable {
  /** What the answer looks like. */
  enum Format {
    YAML,
    JSON;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final GlobalOptions options;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "yaml",
      description = "${COMPLETION-CANDIDATES} (default: yaml).")
  private Format format = Format.YAML;

  @Parameters(paramLabel = "KEY", description = "The snapshot's key or name, as ls shows it.")
  private String key = "";

  InspectCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.callService(this::print);
  }

  private void print(Snapshotter snapshotter) {
    Info info = snapshotter.stat(key);
    Map<String, Object> document = Document.of(info);
    document.put("usage", Document.of(snapshotter.usage(Call.PATIENT, key)));
    document.put("mounts", mounts(snapshotter, info).stream().map(Document::of).toList());
    document.put("children", children(snapshotter));
    switch (format) {
      case YAML -> Document.writeYaml(document, options.terminal().out());
      case JSON -> Document.writeJson(document, options.terminal().out());
    }
  }

  /** None for a committed snapshot; none either, with a warning, upon a quarantined layer. */
  private List<Mount> mounts(Snapshotter snapshotter, Info info) {
    if (info.kind() == Kind.COMMITTED) {
      return List.of();
    }
    try {
      return snapshotter.mounts(key);
    } catch (SnapshotException e) {
      if (e.code() != SnapshotException.Code.FAILED_PRECONDITION) {
        throw e;
      }
      Terminal terminal = options.terminal();
      terminal
          .err()
          .println(
              "fuselage: It can't be mounted: " + terminal.visible(String.valueOf(e.getMessage())));
      return List.of();
    }
  }

  private List<String> children(Snapshotter snapshotter) {
    return Snapshots.list(snapshotter, List.of("parent==" + Escapes.quoted(key))).stream()
        .map(Info::name)
        .toList();
  }
}
