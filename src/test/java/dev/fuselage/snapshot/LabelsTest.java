package dev.fuselage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.snapshot.SnapshotException.Code;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsTest {
  private static void assertInvalid(ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            SnapshotException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT));
  }

  @Test
  void takesAnEmptyValueForAbsent() {
    assertThat(Labels.of(Map.of("a", "1", "b", "")).asMap()).containsOnly(Map.entry("a", "1"));
    assertThat(Labels.of(Map.of("b", ""))).isEqualTo(Labels.NONE);
  }

  @Test
  void allowsKeyAndValueOf4096BytesTogetherAndNoMore() {
    assertThat(Labels.of(Map.of("k", "v".repeat(4095))).get("k")).isPresent();
    assertInvalid(() -> Labels.of(Map.of("k", "v".repeat(4096))));
    assertInvalid(() -> Labels.of(Map.of("k", "ü".repeat(2048))));
  }

  @Test
  void refusesALabelWithoutAKey() {
    assertInvalid(() -> Labels.of(Map.of("", "value")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0:100000:65536", "0:0:1,1:100000:4294867296", "4294967295:0:1"})
  void takesAMappingAsItIs(String value) {
    assertThat(Labels.of(Map.of(Labels.UID_MAPPING, value)).get(Labels.UID_MAPPING))
        .contains(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "0:1",
        "0:1:0",
        "0:1:1,",
        ",0:1:1",
        "0:1:1:2",
        "-1:0:1",
        "0:0:1,ro",
        "0:0:1 ",
        "0:0:99999999999",
        "0:4294967295:2",
        "٠:0:1",
        "0:0:1\n",
        "0:0:1,upperdir=/etc"
      })
  void refusesAMappingThatIsNone(String value) {
    assertInvalid(() -> Labels.of(Map.of(Labels.UID_MAPPING, value)));
    assertInvalid(() -> Labels.of(Map.of(Labels.GID_MAPPING, value)));
  }

  @Test
  void findsTheHostIdOfTheContainersRoot() {
    assertThat(IdMapping.parse(Labels.UID_MAPPING, "5:6:7,0:100000:10").root()).contains(100000L);
    assertThat(IdMapping.parse(Labels.UID_MAPPING, "5:6:7").root()).isEmpty();
  }

  @Test
  void replacesAllLabelsWithoutAMask() {
    Labels before = Labels.of(Map.of("a", "1", "b", "2"));

    assertThat(LabelChange.of(List.of(), Map.of("c", "3")).apply(before).asMap())
        .containsOnly(Map.entry("c", "3"));
    assertThat(LabelChange.of(List.of("labels"), Map.of()).apply(before)).isEqualTo(Labels.NONE);
  }

  @Test
  void touchesThoseLabelsAloneThatAMaskNames() {
    Labels before = Labels.of(Map.of("a", "1", "b", "2"));
    LabelChange change =
        LabelChange.of(
            List.of("labels.a", "labels.b", "labels.x.y/z"),
            Map.of("a", "3", "x.y/z", "4", "unnamed", "5"));

    assertThat(change.apply(before).asMap())
        .containsOnly(Map.entry("a", "3"), Map.entry("x.y/z", "4"));
  }

  @Test
  void followsTheOrderOfAMask() {
    Labels before = Labels.of(Map.of("a", "1"));

    assertThat(
            LabelChange.of(List.of("labels.a", "labels"), Map.of("b", "2")).apply(before).asMap())
        .containsOnly(Map.entry("b", "2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "parent", "kind", "", "label", "labelsx", "Labels"})
  void refusesToUpdateAnythingElse(String path) {
    assertInvalid(() -> LabelChange.of(List.of("labels.a", path), Map.of()));
  }
}
