package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Context;
import io.grpc.Deadline;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final Calls calls =
      new Calls(
          Map.of(),
          new CallListener() {
            @Override
            public void started(String method) {}

            @Override
            public void finished(FinishedCall call) {}
          });
  private final TracedCall call = new TracedCall(calls, "Prepare");
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void end() {
    timer.shutdownNow();
  }

  private void assertImpatient(Context context, SnapshotException.Code code) {
    assertThatThrownBy(new Patience(context, call)::check)
        .asInstanceOf(type(SnapshotException.class))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
  }

  @Test
  void aClientWaitsUntilItCancels() {
    try (Context.CancellableContext context = Context.ROOT.withCancellation()) {
      assertThatCode(new Patience(context, call)::check).doesNotThrowAnyException();

      context.cancel(new IllegalStateException("gone"));

      assertImpatient(context, SnapshotException.Code.CANCELLED);
    }
  }

  @Test
  void aClientWaitsUntilItsDeadline() {
    Deadline later = Deadline.after(1, TimeUnit.HOURS);
    try (Context.CancellableContext context = Context.ROOT.withDeadline(later, timer)) {
      assertThatCode(new Patience(context, call)::check).doesNotThrowAnyException();
    }
  }

  @Test
  void aDeadlineThatHasPassedCountsMoreThanTheCancelThatItBrings() {
    Deadline passed = Deadline.after(-1, TimeUnit.SECONDS);
    try (Context.CancellableContext context = Context.ROOT.withDeadline(passed, timer)) {
      context.cancel(new IllegalStateException("gone"));

      assertImpatient(context, SnapshotException.Code.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void aServiceThatStopsWaitsNoLonger() {
    calls.refuse();
    assertThatCode(new Patience(Context.ROOT, call)::check).doesNotThrowAnyException();

    calls.abandon();

    assertImpatient(Context.ROOT, SnapshotException.Code.UNAVAILABLE);
  }
}
