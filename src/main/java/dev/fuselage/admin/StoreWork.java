package dev.fuselage.admin;

import dev.fuselage.admin.StoreCare.Progress;
import dev.fuselage.admin.StoreCare.Step;
import dev.fuselage.snapshot.Call;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Long work on the store, from the side of who does it: step by step, it asks whether it may go on
 * and tells how far it is, of the latter not more often than a person can read. One thread at a
 * time.
 */
public final class StoreWork {
  private static final long TELL_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final Call call;
  private final Consumer<Progress> listener;
  private Progress progress = new Progress(Step.RESTORE, 0, 0);
  private long told = System.nanoTime();

  public StoreWork(Call call, Consumer<Progress> listener) {
    this.call = call;
    this.listener = listener;
  }

  /** That nobody waits for. */
  public static StoreWork unheard() {
    return new StoreWork(Call.PATIENT, progress -> {});
  }

  /**
   * Begins a step.
   *
   * @param of what there is to be done in it; 0 where that is not known
   */
  public void begin(Step step, long of) {
    call.check();
    progress = new Progress(step, 0, of);
    tell();
  }

  /** One more thing of the step is done. */
  public void done() {
    call.check();
    progress = new Progress(progress.step(), progress.done() + 1, progress.of());
    if (System.nanoTime() - told >= TELL_EVERY_NANOS) {
      tell();
    }
  }

  private void tell() {
    told = System.nanoTime();
    listener.accept(progress);
  }
}
