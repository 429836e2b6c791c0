package dev.fuselage.snapshot;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class LimitsTest {
  private static final int LABELS_BYTES = 4096;

  private final Limits limits = new Limits(8, LABELS_BYTES, Limits.LEAST_DEPTH);

  @Test
  void countsKeysInBytesNotInCharacters() {
    assertThatCode(() -> limits.checkKey("éééé")).doesNotThrowAnyException();
    assertThatThrownBy(() -> limits.checkKey("ééééé"))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("longer than the 8 bytes");
  }

  @Test
  void countsLabelsInBytesNotInCharacters() {
    assertThatCode(() -> limits.checkLabels(twoLabels("e".repeat(1500))))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> limits.checkLabels(twoLabels("é".repeat(1500))))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("2 labels take 6002 bytes");
  }

  private static Labels twoLabels(String value) {
    return Labels.of(Map.of("a", value, "b", value));
  }
}
