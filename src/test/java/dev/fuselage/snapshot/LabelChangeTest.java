package dev.fuselage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelChangeTest {
  @Test
  void aMaskOfAnyLengthIsAppliedInOnePass() {
    Map<String, String> many =
        IntStream.range(0, 20_000)
            .boxed()
            .collect(Collectors.toMap(number -> "label-" + number, number -> "old"));
    List<String> paths =
        IntStream.range(0, 100_000).mapToObj(number -> "labels.label-" + number % 20_000).toList();

    Labels after =
        LabelChange.of(paths, Map.of("label-7", "new", "label-8", "")).apply(Labels.of(many));

    assertThat(after).isEqualTo(Labels.of(Map.of("label-7", "new")));
  }

  @Test
  void pathsCountInTheirOrder() {
    Labels before = Labels.of(Map.of("a", "1", "b", "1"));
    Map<String, String> sent = Map.of("b", "2", "c", "2");

    assertThat(LabelChange.of(List.of("labels.b", "labels"), sent).apply(before))
        .isEqualTo(Labels.of(sent));
    assertThat(LabelChange.of(List.of("labels", "labels.a", "labels."), sent).apply(before))
        .isEqualTo(Labels.of(sent));
    assertThat(LabelChange.of(List.of("labels.a", "labels.c"), sent).apply(before))
        .isEqualTo(Labels.of(Map.of("b", "1", "c", "2")));
  }
}
