package dev.fuselage.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Tells systemd, or who speaks its protocol, how the service is: sd_notify(3). */
public final class ServiceManager {
  private static final String ENVIRONMENT = "NOTIFY_SOCKET";
  private static final int PATH_OFFSET = 2;
  private static final int PATH_LIMIT = 108;

  private ServiceManager() {}

  /**
   * Sends one message, such as {@code READY=1} or {@code STATUS=...}. Nobody waits for an answer,
   * and a service goes on without a manager: failure is told by the result alone.
   *
   * @return whether it was sent; false too where the environment names no socket
   */
  public static boolean notify(String state) {
    String socket = System.getenv(ENVIRONMENT);
    return socket != null && notify(socket, state);
  }

  /**
   * @param socket an absolute path, or {@code @} and a name in the abstract name space
   */
  static boolean notify(String socket, String state) {
    byte[] address = Names.encode(socket);
    boolean known = socket.startsWith("/") || (socket.startsWith("@") && address.length > 1);
    if (!known || address.length >= PATH_LIMIT) {
      return false;
    }
    if (address[0] == '@') {
      address[0] = 0;
    }
    byte[] message = state.getBytes(StandardCharsets.UTF_8);
    if (message.length >= Calls.NAME_LIMIT) {
      return false;
    }
    try (Calls calls = Calls.borrow()) {
      int type = Flags.SOCK_DGRAM | Flags.SOCK_CLOEXEC;
      int opened = (int) calls.call(SystemCall.SOCKET, Flags.AF_UNIX, type, 0, 0, 0);
      if (opened < 0) {
        return false;
      }
      try {
        return send(calls, opened, address, message);
      } finally {
        calls.close(opened);
      }
    }
  }

  private static boolean send(Calls calls, int socket, byte[] address, byte[] message) {
    MemorySegment name = calls.scratch().fill((byte) 0);
    name.set(ValueLayout.JAVA_SHORT, 0, (short) Flags.AF_UNIX);
    MemorySegment.copy(address, 0, name, ValueLayout.JAVA_BYTE, PATH_OFFSET, address.length);
    int length = PATH_OFFSET + address.length;
    return calls.call(SystemCall.CONNECT, socket, name.address(), length, 0, 0) == 0
        && calls.call(SystemCall.WRITE, socket, calls.name(message), message.length, 0, 0)
            == message.length;
  }
}
