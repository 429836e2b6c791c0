package dev.fuselage.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerdKeyTest {
  @Test
  void readsWhatContainerdGives() {
    assertThat(ContainerdKey.parse("k8s.io/5/extract-1 sha256:a/b"))
        .contains(new ContainerdKey("k8s.io", "extract-1 sha256:a/b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a/b", "a/b/c", "a/1/", "/1/c", "a//c", "a/1", "a/1x/c"})
  void takesNothingElseForIt(String stored) {
    assertThat(ContainerdKey.parse(stored)).isEmpty();
  }
}
