package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NameListTest {
  @Test
  void givesNamesInOrder() {
    assertThat(all(listOf("a", "bb", "ccc"))).containsExactly("a", "bb", "ccc");
  }

  @Test
  void splittingSeveralLeavesAtLeastOneOnEachSide() {
    for (List<String> names :
        List.of(
            List.of("a", "b"),
            List.of("a", "a-much-longer-name-than-all-the-others"),
            List.of("a-much-longer-name-than-all-the-others", "b", "c"),
            List.of("a", "b", "c", "d", "e"))) {
      NameList kept = listOf(names.toArray(String[]::new));
      NameList given = kept.split();

      List<String> first = all(kept);
      List<String> second = all(given);
      assertThat(first).isNotEmpty();
      assertThat(second).isNotEmpty();
      first.addAll(second);
      assertThat(first).isEqualTo(names);
    }
  }

  @Test
  void splittingOneGivesItAway() {
    NameList kept = listOf("only");

    assertThat(kept.hasSeveral()).isFalse();
    assertThat(all(kept.split())).containsExactly("only");
    assertThat(kept.isEmpty()).isTrue();
  }

  @Test
  void splittingKnowsWhatWasTaken() {
    NameList kept = listOf("a", "b", "c");
    kept.take();

    assertThat(kept.hasSeveral()).isTrue();
    assertThat(all(kept.split())).containsExactly("c");
    assertThat(all(kept)).containsExactly("b");
  }

  private static NameList listOf(String... names) {
    NameList list = new NameList();
    for (String name : names) {
      list.add(name.getBytes(StandardCharsets.UTF_8));
    }
    return list;
  }

  private static List<String> all(NameList list) {
    List<String> names = new ArrayList<>();
    while (!list.isEmpty()) {
      names.add(new String(list.take(), StandardCharsets.UTF_8));
    }
    return names;
  }
}
