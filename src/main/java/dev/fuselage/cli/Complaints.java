package dev.fuselage.cli;

import dev.fuselage.snapshot.SnapshotException;
import java.util.Locale;
import picocli.CommandLine.ParameterException;

/** What a user is told when a command could not do its work: a sentence on standard error. */
final class Complaints {
  private final GlobalOptions options;

  Complaints(GlobalOptions options) {
    this.options = options;
  }

  ExitCode misunderstood(ParameterException exception) {
    complain(
        "%s Try `%s --help`."
            .formatted(
                sentence(exception), exception.getCommandLine().getCommandSpec().qualifiedName()));
    return ExitCode.USAGE;
  }

  ExitCode failed(Exception exception) {
    return switch (exception) {
      case Output.Failure failure -> outputFailed(failure);
      case CommandException failure -> {
        complain(sentence(failure));
        yield failure.exitCode();
      }
      case SnapshotException failure -> refused(failure);
      default -> {
        complain("This is a defect in Fuselage; please report it with what follows.");
        exception.printStackTrace(options.terminal().err());
        yield ExitCode.DEFECT;
      }
    };
  }

  private ExitCode refused(SnapshotException failure) {
    return switch (failure.code()) {
      case NOT_FOUND -> {
        complain(sentence(failure) + " `fuselage ls` shows those that do.");
        yield ExitCode.NOT_FOUND;
      }
      case INVALID_ARGUMENT -> {
        complain(sentence(failure));
        yield ExitCode.USAGE;
      }
      case UNAVAILABLE -> {
        complain(SocketConnector.noAnswer(options.socket()) + " It says: " + sentence(failure));
        yield ExitCode.UNAVAILABLE;
      }
      case DEADLINE_EXCEEDED -> {
        complain(
            "Fuselage did not answer on %s within %d ms; give it more time with --timeout."
                .formatted(options.socket(), options.timeout().toMillis()));
        yield ExitCode.UNAVAILABLE;
      }
      case ALREADY_EXISTS, FAILED_PRECONDITION, RESOURCE_EXHAUSTED, CANCELLED -> {
        complain(sentence(failure));
        yield ExitCode.FAILED;
      }
    };
  }

  private ExitCode outputFailed(Output.Failure failure) {
    if (options.terminal().target() == Terminal.Target.PIPE) {
      return ExitCode.PIPE_CLOSED;
    }
    complain("The output can't be written: " + failure.getMessage() + ".");
    return ExitCode.OUTPUT_FAILED;
  }

  /** An exception's message with a capital at the start and a full stop at the end. */
  private static String sentence(Exception exception) {
    String message = String.valueOf(exception.getMessage()).strip();
    String end = message.endsWith(".") || message.endsWith("?") ? "" : ".";
    return message.substring(0, 1).toUpperCase(Locale.ROOT) + message.substring(1) + end;
  }

  private void complain(String sentence) {
    Terminal terminal = options.terminal();
    terminal.err().println("fuselage: " + terminal.visible(sentence));
  }
}
