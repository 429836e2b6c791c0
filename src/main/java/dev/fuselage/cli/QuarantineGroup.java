package dev.fuselage.cli;

import picocli.CommandLine.Command;

@Command(
    name = "quarantine",
    description = "Shows the snapshots that may not be used since they are damaged.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Examples:", "  fuselage quarantine ls", "  fuselage quarantine release KEY"})
final class QuarantineGroup {}
