package dev.fuselage.kubernetes;

/**
 * How containerd's configuration stands, as far as files tell.
 *
 * @param mode by which way pods come to Fuselage, as {@code fuselage.containerd.install} has it
 * @param state of the file that is ours
 * @param reason one word, as of a condition
 * @param message for an admin: what to do, where something is to be done
 */
public record Setup(Mode mode, State state, String reason, String message) {
  /** How pods come to Fuselage. */
  public enum Mode {
    OFF("off", NodeSignals.HANDLER),
    RUNTIME_CLASS("runtime-class", NodeSignals.HANDLER),
    DEFAULT_SNAPSHOTTER("default-snapshotter", NodeSignals.BOOTSTRAP_HANDLER);

    private final String label;
    private final String handler;

    Mode(String label, String handler) {
      this.label = label;
      this.handler = handler;
    }

    /** As the setting has it. */
    public String label() {
      return label;
    }

    /** That containerd has once it obeys our file. */
    String handler() {
      return handler;
    }
  }

  /** What there is of our file. */
  public enum State {
    /** Nobody asked for one. */
    UNASKED,
    /** Nobody has looked yet. */
    UNSEEN,
    /** Nothing is left to be written. */
    COMPLETE,
    /** An admin has to do something. */
    INCOMPLETE
  }
}
