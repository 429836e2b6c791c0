package dev.fuselage;

import dev.fuselage.cli.Commands;
import dev.fuselage.cli.ExitCode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The process. Quarkus boots for {@code serve} alone; the other commands are over before it. */
@QuarkusMain
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(isPlainServe(arguments) ? serve() : Commands.run(arguments, Main::serve));
  }

  /** Nothing to be parsed: picocli would take a tenth of the start, and memory for good. */
  private static boolean isPlainServe(String... arguments) {
    return arguments.length == 1 && arguments[0].equals("serve");
  }

  private static int serve() {
    AtomicInteger exitCode = new AtomicInteger(ExitCode.FAILED.code());
    Quarkus.run(Serve.class, (code, failure) -> exitCode.set(exitCode(code, failure)));
    return exitCode.get();
  }

  private static int exitCode(int code, @Nullable Throwable failure) {
    if (failure == null) {
      return code;
    }
    StartFailure start = StartFailure.of(failure);
    System.err.println("fuselage: " + start.sentence());
    return start.exitCode().code();
  }
}
