package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EscapesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"k8s.io/5/extract-1 sha256:ab", "a\"b", "Füße", "層", "\ud83d\ude00", "%~"})
  void leavesWhatIsHarmless(String text) {
    assertThat(Escapes.visible(text, true)).isEqualTo(text);
  }

  @Test
  void writesWhatActsUponATerminalAsGoWould() {
    assertThat(Escapes.visible("\0\t\r\n\\\u001b\u007f\u0085\u200b\u202e\u2028\ue000\ud800", true))
        .isEqualTo("\\u0000\\t\\r\\n\\\\\\u001b\\u007f\\u0085\\u200b\\u202e\\u2028\\ue000\\ud800");
    assertThat(Escapes.visible("\udb40\udc01", true)).isEqualTo("\\U000e0001");
  }

  @Test
  void writesLettersBeyondAsciiOutWhereTheyCanNotBeShown() {
    assertThat(Escapes.visible("Fü\ud83d\ude00", false)).isEqualTo("F\\u00fc\\U0001f600");
  }

  @Test
  void quotesAsAGoString() {
    assertThat(Escapes.quoted("a\"\\\nü")).isEqualTo("\"a\\\"\\\\\\nü\"");
  }
}
