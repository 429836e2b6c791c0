package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.grpc.AdminClient;
import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Snapshotter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.function.Consumer;

/** The real way: a unix socket. It is looked at first, to say plainly what is wrong with it. */
final class SocketConnector implements Connector {
  /** What {@code sockaddr_un} holds beside its final zero. */
  private static final int MOST_BYTES = 107;

  @Override
  public void call(Path socket, Duration deadline, Consumer<Snapshotter> work) {
    check(socket);
    try (SnapshotterClient client = SnapshotterClient.connect(socket, deadline)) {
      work.accept(client);
    }
  }

  @Override
  public void administer(Path socket, Duration patience, Consumer<Administration> work) {
    check(socket);
    try (AdminClient client = AdminClient.connect(socket, patience)) {
      work.accept(client);
    }
  }

  private static void check(Path socket) {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      throw new CommandException(
          ExitCode.USAGE,
          String.format(
              "The socket's path %s is longer than the %d bytes that Linux allows; give a shorter"
                  + " one with --socket.",
              socket, MOST_BYTES));
    }
    try {
      if (!Files.readAttributes(socket, BasicFileAttributes.class).isOther()) {
        throw new CommandException(
            ExitCode.UNAVAILABLE,
            "%s is not a socket; give the service's own with --socket or FUSELAGE_SOCKET."
                .formatted(socket));
      }
    } catch (AccessDeniedException e) {
      throw notPermitted(socket);
    } catch (IOException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, noAnswer(socket));
    }
    if (!Files.isWritable(socket)) {
      throw notPermitted(socket);
    }
  }

  private static CommandException notPermitted(Path socket) {
    return new CommandException(
        ExitCode.NOT_PERMITTED,
        String.format(
            "This user may not use %s; run the command as the user that runs `fuselage serve`, or"
                + " as root.",
            socket));
  }

  static String noAnswer(Path socket) {
    return String.format(
        "Fuselage does not answer on %s; is `fuselage serve` running? Name another socket with"
            + " --socket or FUSELAGE_SOCKET.",
        socket);
  }
}
