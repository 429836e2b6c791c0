package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.snapshot.Snapshotter;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Runs commands as a person or a script would, against a snapshotter of the test's. */
record Shell(
    Connector connector,
    Examination examination,
    Map<String, String> environment,
    Terminal.Target target,
    boolean unicode,
    int width) {

  /** What a command left behind. */
  record Result(int exitCode, String out, String err) {}

  /** Twelve hours after {@link FakeSnapshotter#UPDATED}. */
  private static final InstantSource CLOCK =
      InstantSource.fixed(FakeSnapshotter.UPDATED.plus(Duration.ofHours(12)));

  static Shell script(Snapshotter snapshotter) {
    return script(new Fakes(snapshotter, Administration.NONE));
  }

  static Shell script(Administration administration) {
    return script(new Fakes(new FakeSnapshotter(), administration));
  }

  static Shell script(Connector connector) {
    return new Shell(
        connector, (root, socket, driver) -> List.of(), Map.of(), Terminal.Target.PIPE, true, 0);
  }

  Shell examining(Examination other) {
    return new Shell(connector, other, environment, target, unicode, width);
  }

  Shell onScreen(int columns) {
    return new Shell(connector, examination, environment, Terminal.Target.SCREEN, unicode, columns);
  }

  Shell withoutUnicode() {
    return new Shell(connector, examination, environment, target, false, width);
  }

  Shell toFile() {
    return new Shell(connector, examination, environment, Terminal.Target.FILE, unicode, width);
  }

  Shell with(String variable, String value) {
    return new Shell(connector, examination, Map.of(variable, value), target, unicode, width);
  }

  Result run(String... arguments) {
    return run(() -> 0, arguments);
  }

  Result run(Server server, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    return runInto(out, server, arguments, out);
  }

  Result runInto(OutputStream out, String... arguments) {
    return runInto(out, () -> 0, arguments, new ByteArrayOutputStream());
  }

  private Result runInto(
      OutputStream out, Server server, String[] arguments, ByteArrayOutputStream written) {
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(
            new PrintWriter(new Output(out)),
            new PrintWriter(err, true),
            target,
            unicode,
            () -> width);
    int exitCode =
        Commands.run(
            new Surroundings(terminal, environment, connector, examination, CLOCK, server),
            arguments);
    return new Result(exitCode, written.toString(StandardCharsets.UTF_8), err.toString());
  }

  /** What answers in the place of a service. */
  private record Fakes(Snapshotter snapshotter, Administration administration)
      implements Connector {
    @Override
    public void call(Path socket, Duration deadline, Consumer<Snapshotter> work) {
      work.accept(snapshotter);
    }

    @Override
    public void administer(Path socket, Duration patience, Consumer<Administration> work) {
      work.accept(administration);
    }
  }

  /** Remembers where a command went. */
  static final class Recorder implements Connector {
    private Path socket = Path.of("");
    private Duration deadline = Duration.ZERO;

    @Override
    public void call(Path toSocket, Duration within, Consumer<Snapshotter> work) {
      socket = toSocket;
      deadline = within;
      work.accept(new FakeSnapshotter());
    }

    @Override
    public void administer(Path toSocket, Duration within, Consumer<Administration> work) {
      socket = toSocket;
      deadline = within;
      work.accept(Administration.NONE);
    }

    Path socket() {
      return socket;
    }

    Duration deadline() {
      return deadline;
    }
  }
}
