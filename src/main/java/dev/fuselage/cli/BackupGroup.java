package dev.fuselage.cli;

import picocli.CommandLine.Command;

@Command(
    name = "backup",
    description = "Makes, shows, checks and deletes backups of the metadata store.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  fuselage backup create",
      "  fuselage backup ls",
      "  fuselage backup verify 12"
    })
final class BackupGroup {}
