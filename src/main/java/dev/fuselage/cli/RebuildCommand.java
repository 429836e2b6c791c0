package dev.fuselage.cli;

import dev.fuselage.admin.StoreCare;
import dev.fuselage.cleanup.StoppedRoot;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "rebuild",
    description = {
      "Makes the metadata store again from what lies beside the layers, when the store is damaged or"
          + " gone: on the root itself if no service has it, else by the service, whose store must be"
          + " damaged.",
      "The store of before is moved aside, never deleted. It may be interrupted, and run again."
    },
    footer = {"", "Examples:", "  fuselage rebuild", "  fuselage rebuild --root /data/fuselage"})
final class RebuildCommand implements Runnable {
  private final GlobalOptions options;

  @Mixin private final Repair repair = new Repair();
  @Mixin private final FormatOption format = new FormatOption();

  RebuildCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    repair.run(options, format.value(), StoppedRoot::rebuild, StoreCare::rebuild);
  }
}
