package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.snapshot.Kind;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "ls",
    description = {
      "Lists the snapshots that may not be used since they are damaged, each with the reason, with"
          + " what stands on it, and with the pods, containers and images that use it.",
      "Nothing above a damaged layer can be used either. A layer heals by being removed, with all"
          + " that stands on it, and pulled again. Only containerd may remove it: each use comes"
          + " with the command that has it do so, in the order in which they are to be given. They"
          + " are known where fuselage.containerd.socket is set."
    },
    footer = {
      "",
      "Examples:",
      "  fuselage quarantine ls",
      "  fuselage quarantine ls --json | jq -r '.[].uses[].command'"
    })
final class QuarantineListCommand implements Runnable {
  private final GlobalOptions options;

  @Mixin private final FormatOption format = new FormatOption();

  QuarantineListCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    options.administer(this::print);
  }

  private void print(Administration administration) {
    List<Quarantine.Entry> entries = administration.quarantine().list();
    switch (format.value()) {
      case TEXT -> entries.forEach(this::print);
      case JSON ->
          Document.writeJson(
              entries.stream().map(QuarantineListCommand::document).toList(),
              options.terminal().out());
    }
  }

  private void print(Quarantine.Entry entry) {
    Terminal terminal = options.terminal();
    PrintWriter out = terminal.out();
    out.println(
        "%s %s (id %s)"
            .formatted(kind(entry, "directory"), terminal.visible(entry.key()), entry.id()));
    out.println("  reason: " + terminal.visible(entry.reason()));
    entry.above().forEach(key -> out.println("  above: " + terminal.visible(key)));
    for (Quarantine.Use use : entry.uses()) {
      out.println("  used by: " + terminal.visible(name(use.owner())));
      out.println("    remove it: " + terminal.visibleCommand(use.command()));
    }
  }

  private static String name(Owner owner) {
    return "%s %s/%s".formatted(owner.kind().label(), owner.namespace(), owner.name());
  }

  private static String kind(Quarantine.Entry entry, String otherwise) {
    return entry.kind().map(Kind::label).orElse(otherwise);
  }

  private static Map<String, Object> document(Quarantine.Entry entry) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("id", entry.id().value());
    document.put("key", entry.key());
    document.put("kind", kind(entry, ""));
    document.put("reason", entry.reason());
    document.put("above", entry.above());
    document.put("uses", entry.uses().stream().map(QuarantineListCommand::document).toList());
    return document;
  }

  private static Map<String, Object> document(Quarantine.Use use) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("kind", use.owner().kind().label());
    document.put("namespace", use.owner().namespace());
    document.put("name", use.owner().name());
    document.put("command", use.command());
    return document;
  }
}
