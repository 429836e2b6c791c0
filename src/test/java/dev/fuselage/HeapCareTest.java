package dev.fuselage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapCareTest {
  private static final long MIB = 1 << 20;

  private long committed;
  private long needed;
  private int collections;
  private final HeapCare care =
      new HeapCare(
          () -> committed,
          () -> {
            collections++;
            committed = needed;
          });

  private int collectionsAt(long mebibytes) {
    committed = mebibytes * MIB;
    care.run();
    return collections;
  }

  @Test
  void whatTheStartLeftIsCollected() {
    assertThat(collectionsAt(16)).isEqualTo(1);
  }

  @Test
  void aHeapThatStaysIsLeftAlone() {
    needed = 12 * MIB;
    collectionsAt(16);

    assertThat(collectionsAt(12)).isEqualTo(1);
    assertThat(collectionsAt(13)).isEqualTo(1);
    assertThat(collectionsAt(14)).isEqualTo(2);
  }

  @Test
  void aLargeHeapMayGrowByMore() {
    needed = 40 * MIB;
    collectionsAt(60);

    assertThat(collectionsAt(46)).isEqualTo(1);
    assertThat(collectionsAt(47)).isEqualTo(2);
  }

  @Test
  void aHeapThatIsNeededIsNotCollectedAgain() {
    needed = 60 * MIB;
    collectionsAt(60);

    assertThat(collectionsAt(60)).isEqualTo(1);
  }
}
