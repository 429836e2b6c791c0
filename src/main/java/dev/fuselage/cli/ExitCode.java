package dev.fuselage.cli;

/** What a process of ours tells its caller in the end; the numbers above 63 are sysexits.h's. */
public enum ExitCode {
  /** It did what was asked. */
  OK(0, "done"),
  /** The service refused, or could not. */
  FAILED(1, "the service refused, the reason is on stderr"),
  /** The command line, or a filter in it, is not understood. */
  USAGE(2, "the command line or a filter is not understood"),
  /** No snapshot has this key. */
  NOT_FOUND(3, "no such snapshot"),
  /** A verification found damage. */
  DAMAGED(4, "damage was found"),
  /** It did what could be done; the output names what is left. */
  IN_PART(5, "done in part, the output names what is left"),
  /** Nobody answers on the socket, or not in time. */
  UNAVAILABLE(69, "the service does not answer"),
  /** A defect of ours. */
  DEFECT(70, "a defect in Fuselage"),
  /** {@code preflight}, or the one at start: service is impossible on this machine as it is. */
  PREFLIGHT_FAILED(71, "this machine can't serve, preflight names the reason"),
  /** The socket cannot be bound: another process owns it, or its directory is not writable. */
  SOCKET_NOT_CREATED(73, "the socket can't be created"),
  /** Standard output cannot be written, the disk behind it is full for instance. */
  OUTPUT_FAILED(74, "the output can't be written"),
  /** Another instance holds the root. */
  ROOT_LOCKED(75, "another instance holds the root"),
  /** This user may not speak on the socket. */
  NOT_PERMITTED(77, "this user may not use the socket"),
  /** A configuration value is illegal, or the root was made by another format version or driver. */
  BAD_CONFIGURATION(78, "bad configuration, or a root of another format or driver"),
  /** The reader of standard output went away, as {@code head} does: 128 and SIGPIPE's number. */
  PIPE_CLOSED(141, "the reader of the output went away");

  private final int code;
  private final String meaning;

  ExitCode(int code, String meaning) {
    this.code = code;
    this.meaning = meaning;
  }

  public int code() {
    return code;
  }

  /** A few words, as the commands' help gives them. */
  public String meaning() {
    return meaning;
  }
}
