package dev.fuselage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.fuselage.snapshot.SnapshotException.Code;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What containerd relies on, held against any snapshotter, however it is reached. Before each test
 * there are {@code base} (committed, without a parent), {@code layer} (committed, upon it), {@code
 * active} and {@code view} (upon {@code layer}), and {@code fresh} (active, without a parent).
 */
public abstract class SnapshotterContract {
  private static final Call GIVEN_UP =
      () -> {
        throw new SnapshotException(Code.CANCELLED, "nobody waits");
      };

  @TempDir Path directory;
  private Subject subject;
  private Snapshotter snapshotter;

  /** A snapshotter without snapshots, that may use the directory. */
  protected abstract Subject open(Path directory) throws Exception;

  @BeforeEach
  void begin() throws Exception {
    subject = open(directory);
    snapshotter = subject.snapshotter();
    snapshotter.prepare(Call.PATIENT, "base-key", "", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "base", "base-key", Optional.empty(), Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "layer-key", "base", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "layer", "layer-key", Optional.empty(), Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "active", "layer", Labels.NONE);
    snapshotter.view(Call.PATIENT, "view", "layer", Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "fresh", "", Labels.NONE);
  }

  @AfterEach
  void end() throws Exception {
    subject.close();
  }

  /** Prepare and View, which differ in the kind alone. */
  enum Begin {
    PREPARE(Kind.ACTIVE) {
      @Override
      List<Mount> on(Snapshotter snapshotter, Call call, String key, String parent, Labels labels) {
        return snapshotter.prepare(call, key, parent, labels);
      }
    },
    VIEW(Kind.VIEW) {
      @Override
      List<Mount> on(Snapshotter snapshotter, Call call, String key, String parent, Labels labels) {
        return snapshotter.view(call, key, parent, labels);
      }
    };

    private final Kind kind;

    Begin(Kind kind) {
      this.kind = kind;
    }

    abstract List<Mount> on(
        Snapshotter snapshotter, Call call, String key, String parent, Labels labels);
  }

  private void assertFails(Code code, Consumer<Snapshotter> call) {
    List<Info> before = all();
    assertThatThrownBy(() -> call.accept(snapshotter))
        .asInstanceOf(type(SnapshotException.class))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(code))
        .satisfies(failure -> assertThat(failure.getMessage()).isNotBlank());
    assertThat(all()).isEqualTo(before);
  }

  private List<Info> all() {
    return all(List.of());
  }

  private List<Info> all(List<String> filters) {
    List<Info> infos = new ArrayList<>();
    try (Listing<Info> listing = snapshotter.list(filters)) {
      listing.forEachRemaining(infos::add);
    }
    return infos;
  }

  @ParameterizedTest
  @EnumSource
  void aSnapshotBeginsWithItsParentItsLabelsAndEqualTimes(Begin begin) {
    Labels labels = Labels.of(Map.of("a", "1", "b", "ü"));

    List<Mount> mounts = begin.on(snapshotter, Call.PATIENT, "k8s.io/5/a b:c", "layer", labels);

    Info info = snapshotter.stat("k8s.io/5/a b:c");
    assertThat(mounts).isNotEmpty().isEqualTo(snapshotter.mounts("k8s.io/5/a b:c"));
    assertThat(info.kind()).isEqualTo(begin.kind);
    assertThat(info.name()).isEqualTo("k8s.io/5/a b:c");
    assertThat(info.parent()).isEqualTo("layer");
    assertThat(info.labels()).isEqualTo(labels);
    assertThat(info.created()).isEqualTo(info.updated());
  }

  @ParameterizedTest
  @EnumSource
  void aMissingParentIsNotFound(Begin begin) {
    assertFails(Code.NOT_FOUND, it -> begin.on(it, Call.PATIENT, "new", "missing", Labels.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void aKeyIsTakenByAnyKind(Begin begin) {
    for (String taken : List.of("active", "view", "layer", "base")) {
      assertFails(
          Code.ALREADY_EXISTS, it -> begin.on(it, Call.PATIENT, taken, "base", Labels.NONE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void onlyACommittedSnapshotIsAParent(Begin begin) {
    for (String parent : List.of("active", "view")) {
      assertFails(
          Code.INVALID_ARGUMENT, it -> begin.on(it, Call.PATIENT, "new", parent, Labels.NONE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyKeyIsInvalid(Begin begin) {
    assertFails(Code.INVALID_ARGUMENT, it -> begin.on(it, Call.PATIENT, "", "base", Labels.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void aCallerWhoLeavesInTimeLeavesNothingBegun(Begin begin) {
    assertFails(Code.CANCELLED, it -> begin.on(it, GIVEN_UP, "new", "base", Labels.NONE));
  }

  @Test
  void mountsOfAMissingKeyAreNotFound() {
    assertFails(Code.NOT_FOUND, it -> it.mounts("missing"));
  }

  @Test
  void aCommittedSnapshotIsNotMounted() {
    assertFails(Code.FAILED_PRECONDITION, it -> it.mounts("layer"));
  }

  @Test
  void commitBeginsANewRecordWithTheLabelsGivenAndNoOthers() {
    snapshotter.prepare(Call.PATIENT, "key", "base", Labels.of(Map.of("old", "1")));
    Info active = snapshotter.stat("key");
    Labels labels = Labels.of(Map.of("new", "2"));

    snapshotter.commit(Call.PATIENT, "name", "key", Optional.of("base"), labels);

    Info committed = snapshotter.stat("name");
    assertThat(committed.kind()).isEqualTo(Kind.COMMITTED);
    assertThat(committed.parent()).isEqualTo("base");
    assertThat(committed.labels()).isEqualTo(labels);
    assertThat(committed.created()).isEqualTo(committed.updated()).isAfter(active.created());
    assertFails(Code.NOT_FOUND, it -> it.stat("key"));
  }

  @Test
  void commitPutsASnapshotWithoutAParentUponTheOneGiven() {
    snapshotter.commit(Call.PATIENT, "name", "fresh", Optional.of("layer"), Labels.NONE);

    assertThat(snapshotter.stat("name").parent()).isEqualTo("layer");
    assertFails(Code.FAILED_PRECONDITION, it -> it.remove(Call.PATIENT, "layer"));
  }

  @Test
  void commitOfAMissingKeyIsNotFound() {
    assertFails(
        Code.NOT_FOUND,
        it -> it.commit(Call.PATIENT, "name", "missing", Optional.empty(), Labels.NONE));
  }

  @Test
  void commitUponAMissingParentIsNotFound() {
    assertFails(
        Code.NOT_FOUND,
        it -> it.commit(Call.PATIENT, "name", "fresh", Optional.of("missing"), Labels.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"base", "layer", "view", "fresh", "active"})
  void aNameIsTakenByAnyKind(String taken) {
    assertFails(
        Code.ALREADY_EXISTS,
        it -> it.commit(Call.PATIENT, taken, "active", Optional.empty(), Labels.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"layer", "view"})
  void onlyAnActiveSnapshotIsCommitted(String key) {
    assertFails(
        Code.FAILED_PRECONDITION,
        it -> it.commit(Call.PATIENT, "name", key, Optional.empty(), Labels.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"active", "view"})
  void commitUponWhatIsNotCommittedIsRefused(String parent) {
    assertFails(
        Code.FAILED_PRECONDITION,
        it -> it.commit(Call.PATIENT, "name", "fresh", Optional.of(parent), Labels.NONE));
  }

  @Test
  void commitWithAnEmptyNameIsInvalid() {
    assertFails(
        Code.INVALID_ARGUMENT,
        it -> it.commit(Call.PATIENT, "", "active", Optional.empty(), Labels.NONE));
  }

  @Test
  void commitUponAnotherParentThanThePreparedOneIsInvalid() {
    assertFails(
        Code.INVALID_ARGUMENT,
        it -> it.commit(Call.PATIENT, "name", "active", Optional.of("base"), Labels.NONE));
  }

  @Test
  void aCallerWhoLeavesInTimeLeavesNothingCommitted() {
    assertFails(
        Code.CANCELLED, it -> it.commit(GIVEN_UP, "name", "active", Optional.empty(), Labels.NONE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"active", "view", "fresh"})
  void aRemovedSnapshotIsGoneAndItsKeyFree(String key) {
    snapshotter.remove(Call.PATIENT, key);

    assertFails(Code.NOT_FOUND, it -> it.stat(key));
    assertThat(snapshotter.prepare(Call.PATIENT, key, "base", Labels.NONE)).isNotEmpty();
  }

  @Test
  void aLayerIsRemovedAfterItsChildren() {
    snapshotter.remove(Call.PATIENT, "active");
    assertFails(Code.FAILED_PRECONDITION, it -> it.remove(Call.PATIENT, "layer"));
    snapshotter.remove(Call.PATIENT, "view");
    snapshotter.remove(Call.PATIENT, "layer");
    snapshotter.remove(Call.PATIENT, "base");

    assertThat(all()).extracting(Info::name).containsExactly("fresh");
  }

  @Test
  void removeOfAMissingKeyIsNotFound() {
    assertFails(Code.NOT_FOUND, it -> it.remove(Call.PATIENT, "missing"));
  }

  @Test
  void aCallerWhoLeavesInTimeLeavesNothingRemoved() {
    assertFails(Code.CANCELLED, it -> it.remove(GIVEN_UP, "active"));
  }

  @Test
  void statKnowsEveryKind() {
    assertThat(snapshotter.stat("layer").kind()).isEqualTo(Kind.COMMITTED);
    assertThat(snapshotter.stat("active").kind()).isEqualTo(Kind.ACTIVE);
    assertThat(snapshotter.stat("view").kind()).isEqualTo(Kind.VIEW);
    assertFails(Code.NOT_FOUND, it -> it.stat("missing"));
    assertFails(Code.NOT_FOUND, it -> it.stat(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"layer", "active", "view"})
  void updateWithoutAPathReplacesAllLabelsAndMovesUpdatedAlone(String key) {
    snapshotter.update(Call.PATIENT, key, LabelChange.of(List.of(), Map.of("a", "1", "b", "2")));
    Info before = snapshotter.stat(key);

    Info after =
        snapshotter.update(
            Call.PATIENT, key, LabelChange.of(List.of(), Map.of("b", "3", "empty", "")));

    assertThat(after).isEqualTo(snapshotter.stat(key));
    assertThat(after.labels()).isEqualTo(Labels.of(Map.of("b", "3")));
    assertThat(after.created()).isEqualTo(before.created());
    assertThat(after.updated()).isAfter(before.updated());
    assertThat(after.parent()).isEqualTo(before.parent());
  }

  @Test
  void updateOfOneLabelLeavesTheOthers() {
    snapshotter.update(
        Call.PATIENT, "layer", LabelChange.of(List.of("labels"), Map.of("a", "1", "b", "2")));

    snapshotter.update(
        Call.PATIENT,
        "layer",
        LabelChange.of(List.of("labels.c/d.e", "labels.b"), Map.of("c/d.e", "3", "a", "9")));

    assertThat(snapshotter.stat("layer").labels())
        .isEqualTo(Labels.of(Map.of("a", "1", "c/d.e", "3")));
  }

  @Test
  void updateOfAMissingKeyIsNotFound() {
    assertFails(
        Code.NOT_FOUND,
        it -> it.update(Call.PATIENT, "missing", LabelChange.of(List.of(), Map.of())));
  }

  @Test
  void aCallerWhoLeavesInTimeLeavesNothingUpdated() {
    assertFails(
        Code.CANCELLED,
        it -> it.update(GIVEN_UP, "active", LabelChange.of(List.of(), Map.of("a", "1"))));
  }

  @Test
  void usageIsMeasuredStoredOrNoneByKind() {
    Usage active = snapshotter.usage(Call.PATIENT, "fresh");
    snapshotter.commit(Call.PATIENT, "name", "fresh", Optional.empty(), Labels.NONE);

    assertThat(active.inodes()).isEqualTo(1);
    assertThat(snapshotter.usage(Call.PATIENT, "name")).isEqualTo(active);
    assertThat(snapshotter.usage(Call.PATIENT, "view")).isEqualTo(Usage.NONE);
    assertFails(Code.NOT_FOUND, it -> it.usage(Call.PATIENT, "missing"));
  }

  @Test
  void listHoldsAllAndWhatPassesItsFilters() {
    assertThat(all())
        .extracting(Info::name)
        .containsExactly("active", "base", "fresh", "layer", "view");
    assertThat(all(List.of("parent==\"\"", "kind==view")))
        .extracting(Info::name)
        .containsExactly("base", "fresh", "view");
    assertThat(all(List.of("kind==active,parent==layer")))
        .extracting(Info::name)
        .containsExactly("active");
    assertThat(all(List.of("name==nobody"))).isEmpty();
    assertThat(all()).contains(snapshotter.stat("layer"), snapshotter.stat("active"));
  }

  @Test
  void aFilterThatDoesNotParseIsInvalid() {
    assertFails(Code.INVALID_ARGUMENT, it -> it.list(List.of("name==a", "name=")).close());
  }

  @Test
  void listHoldsMoreThanABatch() {
    Map<String, Info> expected = new HashMap<>();
    for (int i = 0; i < 250; i++) {
      String key = "many-" + i;
      snapshotter.view(Call.PATIENT, key, "layer", Labels.of(Map.of("number", "" + i)));
      expected.put(key, snapshotter.stat(key));
    }

    List<Info> many = all(List.of("labels.number"));

    assertThat(many).hasSize(250).extracting(Info::name).isSorted();
    assertThat(many).containsExactlyInAnyOrderElementsOf(expected.values());
  }

  @Test
  void aClosedListingIsAtItsEnd() {
    Listing<Info> listing = snapshotter.list(List.of());
    listing.close();
    listing.close();

    assertThatThrownBy(listing::hasNext)
        .asInstanceOf(type(SnapshotException.class))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(Code.UNAVAILABLE));
  }

  @Test
  void cleanupReturns() {
    snapshotter.remove(Call.PATIENT, "fresh");

    snapshotter.cleanup(Call.PATIENT);

    assertFails(Code.NOT_FOUND, it -> it.stat("fresh"));
  }
}
