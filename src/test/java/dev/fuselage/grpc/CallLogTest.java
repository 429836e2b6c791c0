package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallLogTest {
  @Test
  void aLineNamesOperationKeyCodeAndMessage() {
    assertThat(CallLog.line("Prepare", "k8s.io/5/a b", Status.Code.NOT_FOUND, "it is missing"))
        .isEqualTo("op=Prepare key=\"k8s.io/5/a b\" code=NOT_FOUND message=\"it is missing\"");
  }

  @Test
  void aCallWithoutKeyHasNoneInItsLine() {
    assertThat(CallLog.line("List", "", Status.Code.CANCELLED, "gone"))
        .isEqualTo("op=List code=CANCELLED message=\"gone\"");
  }

  @Test
  void noKeyCanEndTheLineOrItsQuotes() {
    assertThat(CallLog.escaped("a\" code=OK\r\n\top=Remove\\"))
        .isEqualTo("a\\\" code=OK\\r\\n\\top=Remove\\\\");
  }

  @Test
  void whatATerminalWouldObeyOrHideIsSpelledOut() {
    assertThat(CallLog.escaped("\u0000\u001b[31m\u0085\u2028\u202e\ud800\ufeff"))
        .isEqualTo("\\u0000\\u001b[31m\\u0085\\u2028\\u202e\\ud800\\ufeff");
    assertThat(CallLog.escaped(Character.toString(0xE0001))).isEqualTo("\\udb40\\udc01");
  }

  @Test
  void whatCanBeReadIsLeftAsItIs() {
    assertThat(CallLog.escaped("sha256:abc é 漢 😀")).isEqualTo("sha256:abc é 漢 😀");
  }

  @Test
  void aLongKeyIsCut() {
    assertThat(CallLog.escaped("x".repeat(1 << 20))).hasSize(257).endsWith("x…");
    assertThat(CallLog.escaped("é".repeat(300))).hasSize(257).endsWith("é…");
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, FINE",
    "ALREADY_EXISTS, FINE",
    "INVALID_ARGUMENT, INFO",
    "FAILED_PRECONDITION, INFO",
    "CANCELLED, INFO",
    "DEADLINE_EXCEEDED, INFO",
    "UNAVAILABLE, WARNING",
    "RESOURCE_EXHAUSTED, WARNING"
  })
  void theCodeDecidesTheLevel(Status.Code code, String level) {
    try (LogCapture log = new LogCapture(CallLog.class)) {
      CallLog.failed("Stat", "key", code, "reason");

      assertThat(log.lines())
          .containsExactly(
              new LogCapture.Line(
                  Level.parse(level).intValue(),
                  "op=Stat key=\"key\" code=" + code + " message=\"reason\"",
                  false));
    }
  }

  @Test
  void aDefectOfOursComesWithItsStackTrace() {
    try (LogCapture log = new LogCapture(CallLog.class)) {
      CallLog.unexpected("Stat", "key", new IllegalStateException("oh"));

      assertThat(log.lines())
          .singleElement()
          .satisfies(line -> assertThat(line.hasStackTrace()).isTrue())
          .satisfies(line -> assertThat(line.text()).contains("oh").startsWith("op=Stat"));
    }
  }
}
