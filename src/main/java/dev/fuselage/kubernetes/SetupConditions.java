package dev.fuselage.kubernetes;

import dev.fuselage.kubernetes.Condition.Status;
import java.util.List;
import java.util.Set;

/**
 * What files say of containerd's configuration, held against what its kubelet says of its handlers,
 * and containerd itself of our proxy plugin. A file is obeyed only once containerd was started
 * again; that a handler is live, and the plugin ours, tells that.
 */
final class SetupConditions {
  private static final String RESTART =
      ": cordon and drain the node, start containerd again, and uncordon it";

  private SetupConditions() {}

  /**
   * @param handlers that the kubelet names; empty where it names none, or was not asked yet
   */
  static List<Condition> of(Setup setup, Set<String> handlers) {
    return List.of(configured(setup, handlers), restartDue(setup, handlers));
  }

  private static Condition configured(Setup setup, Set<String> handlers) {
    ConditionType type = ConditionType.CONTAINERD_CONFIGURED;
    return switch (setup.state()) {
      case COMPLETE -> new Condition(type, Status.TRUE, setup.reason(), setup.message());
      case INCOMPLETE -> new Condition(type, Status.FALSE, setup.reason(), setup.message());
      case UNSEEN -> new Condition(type, Status.UNKNOWN, setup.reason(), setup.message());
      case UNASKED -> {
        if (handlers.contains(NodeSignals.HANDLER)) {
          yield new Condition(
              type, Status.TRUE, "ByAdministrator", "containerd has the handler fuselage");
        }
        yield handlers.isEmpty()
            ? new Condition(type, Status.UNKNOWN, "NotTold", notTold(Setup.Mode.RUNTIME_CLASS))
            : new Condition(
                type,
                Status.FALSE,
                "NoHandler",
                "containerd has no handler fuselage: set fuselage.containerd.install, or add it by"
                    + " hand");
      }
    };
  }

  /** The labels are the administrator's then, and pods of the RuntimeClass wait for the first. */
  private static String notTold(Setup.Mode mode) {
    return "the kubelet does not name containerd's handlers (Kubernetes before 1.31, or containerd"
        + " 1.x): once containerd was started again with ours, `kubectl label node NODE "
        + NodeSignals.LABEL
        + "=true"
        + (mode == Setup.Mode.DEFAULT_SNAPSHOTTER
            ? " " + NodeSignals.BOOTSTRAP_LABEL + "=true"
            : "")
        + "`";
  }

  private static Condition restartDue(Setup setup, Set<String> handlers) {
    ConditionType type = ConditionType.RESTART_DUE;
    if (setup.state() != Setup.State.COMPLETE) {
      return new Condition(type, Status.FALSE, "NotYet", "nothing that we wrote waits for it");
    }
    if (!handlers.isEmpty() && !handlers.containsAll(setup.mode().handlers())) {
      return new Condition(
          type, Status.TRUE, "HandlerMissing", "containerd has not read our file yet" + RESTART);
    }
    return switch (setup.plugin()) {
      case Setup.Plugin.Other(String difference) ->
          new Condition(
              type,
              Status.TRUE,
              "PluginOutdated",
              "containerd has not read our file yet, since %s%s".formatted(difference, RESTART));
      case Setup.Plugin.Ours() ->
          handlers.isEmpty()
              ? new Condition(type, Status.UNKNOWN, "NotTold", notTold(setup.mode()))
              : new Condition(type, Status.FALSE, "HandlerLive", "containerd obeys our file");
      case Setup.Plugin.Untold() ->
          handlers.isEmpty()
              ? new Condition(type, Status.UNKNOWN, "NotTold", notTold(setup.mode()))
              : new Condition(
                  type,
                  Status.FALSE,
                  "HandlerLive",
                  "containerd has the handlers of our file; with which socket and root it does not"
                      + " tell, so a change of fuselage.socket or fuselage.root takes one more start"
                      + " of it");
    };
  }
}
