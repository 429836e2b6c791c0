package dev.fuselage.it;

import dev.fuselage.grpc.SnapshotterClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code fuselage serve} that was started. Closing it kills it, if it still runs. */
final class Service implements AutoCloseable {
  private static final Pattern MANAGEMENT = Pattern.compile("Health and metrics on (\\S+)");

  private final Installation installation;
  private final Process process;
  private final Path log;

  Service(Installation installation, Process process, Path log) {
    this.installation = installation;
    this.process = process;
    this.log = log;
  }

  void awaitAnswer() {
    long end = System.nanoTime() + Place.PATIENCE.toNanos();
    while (!answers()) {
      if (!process.isAlive() || System.nanoTime() - end > 0) {
        throw new AssertionError(
            "it %s before it answered:%n%s"
                .formatted(process.isAlive() ? "took too long" : "ended", log()));
      }
      pause();
    }
  }

  private boolean answers() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(installation.socket()));
    } catch (IOException _) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  SnapshotterClient client() {
    return SnapshotterClient.connect(installation.socket(), Place.PATIENCE);
  }

  /** Where health and metrics are, as it says itself. */
  URI managementAddress() {
    Matcher address = MANAGEMENT.matcher(log());
    while (!address.find()) {
      if (!process.isAlive()) {
        throw new AssertionError(log());
      }
      pause();
      address = MANAGEMENT.matcher(log());
    }
    return URI.create(address.group(1));
  }

  long pid() {
    return installation.place().inner(process).pid();
  }

  /** Sends SIGTERM. */
  void terminate() {
    installation.place().inner(process).destroy();
  }

  /** Sends SIGKILL, and waits until it is gone. */
  void kill() {
    installation.place().inner(process).destroyForcibly();
    awaitExit();
  }

  /** The exit code, 128 and the signal's number for one that was killed. */
  int awaitExit() {
    try {
      if (!process.waitFor(Place.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("it does not end:\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Sends SIGTERM, and waits for the exit code. */
  int stop() {
    terminate();
    return awaitExit();
  }

  /** What it wrote to standard output and standard error. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}
