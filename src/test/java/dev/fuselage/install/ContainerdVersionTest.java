package dev.fuselage.install;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerdVersionTest {
  @ParameterizedTest
  @CsvSource({
    "v2.2.9, 2, 2, 9",
    "1.6.20~ds1, 1, 6, 20",
    "1.7.23-k3s1, 1, 7, 23",
    "v2.1, 2, 1, 0",
    "2.0.0-rc.1+unknown, 2, 0, 0"
  })
  void isReadFromWhatContainerdSays(String text, int major, int minor, int patch) {
    assertThat(ContainerdVersion.of(text)).contains(new ContainerdVersion(major, minor, patch));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unknown", "v2", "99999999999.1.1"})
  void anotherTextIsNone(String text) {
    assertThat(ContainerdVersion.of(text)).isEmpty();
  }

  @Test
  void idsAreMappedByAProxyFrom1723On() {
    assertThat(new ContainerdVersion(1, 7, 22).mapsIdsByProxy()).isFalse();
    assertThat(new ContainerdVersion(1, 7, 23).mapsIdsByProxy()).isTrue();
    assertThat(new ContainerdVersion(2, 0, 0).mapsIdsByProxy()).isTrue();
    assertThat(new ContainerdVersion(1, 6, 30).mapsIdsByProxy()).isFalse();
  }
}
