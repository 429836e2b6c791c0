package dev.fuselage.tracing;

import io.grpc.Context;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells a call's trace which snapshot it is about. Where there are no traces nothing is loaded. */
public final class Subject {
  private static final Context.Key<Consumer<String>> LISTENER = Context.key("dev.fuselage.subject");

  private Subject() {}

  static Context listening(Context context, Consumer<String> listener) {
    return context.withValue(LISTENER, listener);
  }

  /**
   * The call that the current {@link Context} is of turns out to be about this key.
   *
   * @param key of a snapshot; empty if it is about none
   */
  public static void is(String key) {
    @Nullable Consumer<String> listener = LISTENER.get();
    if (listener != null && !key.isEmpty()) {
      listener.accept(key);
    }
  }
}
