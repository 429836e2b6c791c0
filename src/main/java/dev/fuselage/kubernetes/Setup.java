package dev.fuselage.kubernetes;

import java.util.Set;

/**
 * How containerd's configuration stands, as far as files tell.
 *
 * @param mode by which way pods come to Fuselage, as {@code fuselage.containerd.install} has it
 * @param state of the file that is ours
 * @param reason one word, as of a condition
 * @param message for an admin: what to do, where something is to be done
 * @param plugin by which containerd reaches us
 */
public record Setup(Mode mode, State state, String reason, String message, Plugin plugin) {
  /** How the proxy plugin that containerd runs with compares to the one in our file. */
  public sealed interface Plugin {
    /** Containerd does not answer, or is not asked. */
    record Untold() implements Plugin {}

    /** It is the same. */
    record Ours() implements Plugin {}

    /**
     * It is another one.
     *
     * @param difference as the end of a sentence about containerd
     */
    record Other(String difference) implements Plugin {}
  }

  /** How pods come to Fuselage. */
  public enum Mode {
    OFF("off", NodeSignals.HANDLER),
    RUNTIME_CLASS("runtime-class", NodeSignals.HANDLER),
    DEFAULT_SNAPSHOTTER("default-snapshotter", NodeSignals.HANDLER, NodeSignals.BOOTSTRAP_HANDLER);

    private final String label;
    private final Set<String> handlers;

    Mode(String label, String... handlers) {
      this.label = label;
      this.handlers = Set.of(handlers);
    }

    /** As the setting has it. */
    public String label() {
      return label;
    }

    /**
     * Which containerd has once it obeys our file. One alone tells nothing: it is left of a file of
     * before, or of one that is on its way out.
     */
    Set<String> handlers() {
      return handlers;
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
