package dev.fuselage.cli;

import picocli.CommandLine.Command;

@Command(
    name = "trash",
    description = "Shows what was removed and is not deleted yet.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  fuselage trash ls"})
final class TrashGroup {}
