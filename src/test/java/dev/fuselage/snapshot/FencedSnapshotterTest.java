package dev.fuselage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FencedSnapshotterTest {
  private static final String HIDDEN = Reserve.key("hidden");
  private static final String HIDDEN_LAYER = Reserve.key("layer");

  private final InMemorySnapshotter whole = new InMemorySnapshotter();
  private final Snapshotter fenced = new FencedSnapshotter(whole);

  @BeforeEach
  void fill() {
    whole.prepare(Call.PATIENT, Reserve.key("other"), "", Labels.NONE);
    whole.commit(Call.PATIENT, HIDDEN_LAYER, Reserve.key("other"), Optional.empty(), Labels.NONE);
    whole.prepare(Call.PATIENT, HIDDEN, HIDDEN_LAYER, Labels.NONE);
  }

  @Test
  void theReserveIsNotFound() {
    hasCode(SnapshotException.Code.NOT_FOUND, () -> fenced.stat(HIDDEN));
    hasCode(SnapshotException.Code.NOT_FOUND, () -> fenced.mounts(HIDDEN));
    hasCode(SnapshotException.Code.NOT_FOUND, () -> fenced.usage(Call.PATIENT, HIDDEN));
    hasCode(SnapshotException.Code.NOT_FOUND, () -> fenced.remove(Call.PATIENT, HIDDEN));
    hasCode(
        SnapshotException.Code.NOT_FOUND,
        () -> fenced.prepare(Call.PATIENT, "key", HIDDEN_LAYER, Labels.NONE));
    hasCode(
        SnapshotException.Code.NOT_FOUND,
        () -> fenced.view(Call.PATIENT, "key", HIDDEN_LAYER, Labels.NONE));
    hasCode(
        SnapshotException.Code.NOT_FOUND,
        () -> fenced.commit(Call.PATIENT, "name", HIDDEN, Optional.empty(), Labels.NONE));
  }

  @Test
  void nothingIsMadeInTheReserve() {
    fenced.prepare(Call.PATIENT, "key", "", Labels.NONE);

    hasCode(
        SnapshotException.Code.INVALID_ARGUMENT,
        () -> fenced.prepare(Call.PATIENT, Reserve.key("new"), "", Labels.NONE));
    hasCode(
        SnapshotException.Code.INVALID_ARGUMENT,
        () -> fenced.view(Call.PATIENT, Reserve.key("new"), "", Labels.NONE));
    hasCode(
        SnapshotException.Code.INVALID_ARGUMENT,
        () ->
            fenced.commit(Call.PATIENT, Reserve.key("new"), "key", Optional.empty(), Labels.NONE));
  }

  @Test
  void listsAllButTheReserve() {
    assertThat(names()).isEmpty();

    fenced.prepare(Call.PATIENT, "b", "", Labels.NONE);
    fenced.prepare(Call.PATIENT, "a", "", Labels.NONE);

    assertThat(names()).containsExactly("a", "b");
    assertThat(whole.stat(HIDDEN).name()).isEqualTo(HIDDEN);
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    try (Listing<Info> all = fenced.list(List.of())) {
      all.forEachRemaining(info -> names.add(info.name()));
      assertThat(all.hasNext()).isFalse();
    }
    return names;
  }

  private static void hasCode(SnapshotException.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(SnapshotException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
