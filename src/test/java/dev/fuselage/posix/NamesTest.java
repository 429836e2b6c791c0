package dev.fuselage.posix;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void utf8StaysText() {
    String name = "größe-日本-\uD83D\uDE80";

    assertThat(Names.decode(Names.encode(name))).isEqualTo(name);
  }

  @Test
  void anyBytesComeBackAsTheyWere() {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      byte[] name = new byte[1 + random.nextInt(255)];
      random.nextBytes(name);
      for (int j = 0; j < name.length; j++) {
        name[j] = name[j] == 0 ? (byte) 'x' : name[j];
      }

      assertThat(Names.encode(Names.decode(name))).isEqualTo(name);
    }
  }

  @Test
  void bytesOfASurrogateInUtf8ComeBackAsTheyWere() {
    byte[] name = {'a', (byte) 0xed, (byte) 0xb2, (byte) 0x80, 'b'};

    assertThat(Names.encode(Names.decode(name))).isEqualTo(name);
  }

  @Test
  void whatIsShownIsTextOfWhichTheNameCanBeMadeAgain() {
    assertThat(shown("r\351sum\351")).isEqualTo("r\\xe9sum\\xe9");
    assertThat(shown("\200\377")).isEqualTo("\\x80\\xff");
    assertThat(shown("back\\slash")).isEqualTo("back\\\\slash");
    assertThat(shown("not\\xe9")).isEqualTo("not\\\\xe9");
    assertThat(Names.shown("日本-\uD83D\uDE80".getBytes(UTF_8))).isEqualTo("日本-\uD83D\uDE80");
  }

  private static String shown(String bytes) {
    return Names.shown(bytes.getBytes(ISO_8859_1));
  }

  @Test
  void aNameWithANulIsRefused() {
    assertThatThrownBy(() -> Names.encode("a\0b")).isInstanceOf(IllegalArgumentException.class);
  }
}
