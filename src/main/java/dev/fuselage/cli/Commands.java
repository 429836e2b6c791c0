package dev.fuselage.cli;

import dev.fuselage.overlay.Preflight;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The command line of {@code fuselage}. */
public final class Commands {
  private static final int HELP_WIDTH = 100;
  private static final ExitCode[] OF_CLIENTS = {
    ExitCode.OK,
    ExitCode.FAILED,
    ExitCode.USAGE,
    ExitCode.NOT_FOUND,
    ExitCode.UNAVAILABLE,
    ExitCode.DEFECT,
    ExitCode.OUTPUT_FAILED,
    ExitCode.NOT_PERMITTED,
    ExitCode.PIPE_CLOSED
  };
  private static final ExitCode[] OF_VERIFY = {
    ExitCode.OK,
    ExitCode.FAILED,
    ExitCode.USAGE,
    ExitCode.DAMAGED,
    ExitCode.UNAVAILABLE,
    ExitCode.DEFECT,
    ExitCode.OUTPUT_FAILED,
    ExitCode.NOT_PERMITTED,
    ExitCode.PIPE_CLOSED
  };
  private static final ExitCode[] OF_SERVE = {
    ExitCode.OK,
    ExitCode.FAILED,
    ExitCode.USAGE,
    ExitCode.DEFECT,
    ExitCode.PREFLIGHT_FAILED,
    ExitCode.SOCKET_NOT_CREATED,
    ExitCode.ROOT_LOCKED,
    ExitCode.BAD_CONFIGURATION
  };

  private static final ExitCode[] OF_PREFLIGHT = {
    ExitCode.OK,
    ExitCode.USAGE,
    ExitCode.DEFECT,
    ExitCode.PREFLIGHT_FAILED,
    ExitCode.OUTPUT_FAILED,
    ExitCode.PIPE_CLOSED
  };

  private static final ExitCode[] OF_REPAIRS = {
    ExitCode.OK,
    ExitCode.FAILED,
    ExitCode.USAGE,
    ExitCode.NOT_FOUND,
    ExitCode.IN_PART,
    ExitCode.UNAVAILABLE,
    ExitCode.DEFECT,
    ExitCode.OUTPUT_FAILED,
    ExitCode.NOT_PERMITTED,
    ExitCode.BAD_CONFIGURATION,
    ExitCode.PIPE_CLOSED
  };

  private final Surroundings surroundings;

  private Commands(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /**
   * Does what a command line says, on this process' standard output.
   *
   * @param server what {@code fuselage serve} starts
   * @return the process' exit code, see {@link ExitCode}
   */
  public static int run(String[] arguments, Server server) {
    Map<String, String> environment = System.getenv();
    return run(
        new Surroundings(
            Terminal.ofProcess(environment),
            environment,
            new SocketConnector(),
            (root, socket, driver) -> Preflight.run(root, socket, driver).findings(),
            InstantSource.system(),
            server),
        arguments);
  }

  static int run(Surroundings surroundings, String... arguments) {
    return new Commands(surroundings).execute(arguments);
  }

  private int execute(String[] arguments) {
    GlobalOptions options = new GlobalOptions(surroundings);
    Complaints complaints = new Complaints(options);
    // Picocli would print the stack trace of a failing stream: help goes there in one piece, later.
    StringWriter help = new StringWriter();
    try {
      int exitCode = commandLine(options, complaints, help).execute(arguments);
      surroundings.terminal().out().print(help);
      surroundings.terminal().out().flush();
      return exitCode;
    } catch (Output.Failure e) {
      return complaints.failed(e).code();
    }
  }

  private CommandLine commandLine(GlobalOptions options, Complaints complaints, Writer help) {
    CommandLine commands =
        new CommandLine(options)
            .addSubcommand(new ServeCommand(options))
            .addSubcommand(new ListCommand(options))
            .addSubcommand(new TreeCommand(options))
            .addSubcommand(new InspectCommand(options))
            .addSubcommand(new UsageCommand(options))
            .addSubcommand(new TopCommand(options))
            .addSubcommand(new UnclaimedCommand(options))
            .addSubcommand(new CleanupCommand(options))
            .addSubcommand(new VerifyCommand(options))
            .addSubcommand(
                new CommandLine(new TrashGroup()).addSubcommand(new TrashListCommand(options)))
            .addSubcommand(
                new CommandLine(new QuarantineGroup())
                    .addSubcommand(new QuarantineListCommand(options))
                    .addSubcommand(new QuarantineReleaseCommand(options)))
            .addSubcommand(new VersionCommand(options))
            .addSubcommand(new PreflightCommand(options))
            .addSubcommand(
                new CommandLine(new BackupGroup())
                    .addSubcommand(new BackupCreateCommand(options))
                    .addSubcommand(new BackupListCommand(options))
                    .addSubcommand(new BackupVerifyCommand(options))
                    .addSubcommand(new BackupPruneCommand(options)))
            .addSubcommand(new RestoreCommand(options))
            .addSubcommand(new RebuildCommand(options))
            .addSubcommand(new CompactCommand(options))
            .addSubcommand(new UninstallCommand(options));
    commands
        // A key may well begin with an @, which is no file of arguments then.
        .setExpandAtFiles(false)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(HELP_WIDTH)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(help))
        .setErr(surroundings.terminal().err())
        .setParameterExceptionHandler(
            (exception, unused) -> complaints.misunderstood(exception).code())
        .setExecutionExceptionHandler(
            (exception, command, result) -> complaints.failed(exception).code());
    commands.getCommandSpec().versionProvider(new Version());
    commands
        .getSubcommands()
        .forEach((name, command) -> explainExitCodes(command, exitCodes(name)));
    return commands;
  }

  private static ExitCode[] exitCodes(String command) {
    return switch (command) {
      case "serve" -> OF_SERVE;
      case "preflight" -> OF_PREFLIGHT;
      case "verify" -> OF_VERIFY;
      case "rebuild", "restore" -> OF_REPAIRS;
      default -> OF_CLIENTS;
    };
  }

  private static void explainExitCodes(CommandLine command, ExitCode[] exitCodes) {
    command.getSubcommands().values().forEach(below -> explainExitCodes(below, exitCodes));
    Map<String, String> meanings = new LinkedHashMap<>();
    Arrays.stream(exitCodes)
        .forEach(code -> meanings.put(Integer.toString(code.code()), code.meaning()));
    command
        .getCommandSpec()
        .usageMessage()
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(meanings);
  }
}
