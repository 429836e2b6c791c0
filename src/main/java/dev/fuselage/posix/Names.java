package dev.fuselage.posix;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** File names as bytes and as text, without loss either way. */
final class Names {
  /** A byte that is no UTF-8 appears as this plus its value, which no valid text holds. */
  private static final char ESCAPE = 0xdc00;

  private Names() {}

  static String decode(byte[] name) {
    try {
      return strict().decode(ByteBuffer.wrap(name)).toString();
    } catch (CharacterCodingException notUtf8) {
      return decodeEscaping(name);
    }
  }

  /**
   * @throws IllegalArgumentException for a NUL, which no name can hold, and for text that cannot
   *     have come from a name
   */
  static byte[] encode(String name) {
    if (name.indexOf(0) >= 0) {
      throw new IllegalArgumentException("a name with a NUL in it");
    }
    byte[] plain = name.getBytes(StandardCharsets.UTF_8);
    return name.chars().anyMatch(Names::isEscape) ? encodeEscaping(name) : plain;
  }

  private static boolean isEscape(int character) {
    return character >= ESCAPE + 0x80 && character <= ESCAPE + 0xff;
  }

  /**
   * For people and messages, as in a Go string: a byte that is no UTF-8 as {@code \xe9}, and a
   * backslash as two. {@code printf %b} in a shell makes it the name again.
   */
  static String shown(byte[] name) {
    StringBuilder shown = new StringBuilder(name.length);
    decode(name)
        .codePoints()
        .forEach(
            point -> {
              if (point == '\\') {
                shown.append("\\\\");
              } else if (Character.getType(point) == Character.SURROGATE) {
                shown.append(String.format("\\x%02x", point & 0xff));
              } else {
                shown.appendCodePoint(point);
              }
            });
    return shown.toString();
  }

  private static CharsetDecoder strict() {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT);
  }

  private static String decodeEscaping(byte[] name) {
    ByteBuffer in = ByteBuffer.wrap(name);
    CharBuffer out = CharBuffer.allocate(name.length);
    CharsetDecoder decoder = strict();
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (ESCAPE + (in.get() & 0xff)));
      }
      decoder.reset();
    }
  }

  private static byte[] encodeEscaping(String name) {
    ByteBuffer out = ByteBuffer.allocate(name.length() * 4);
    int index = 0;
    while (index < name.length()) {
      int character = name.codePointAt(index);
      if (isEscape(character)) {
        out.put((byte) (character - ESCAPE));
      } else {
        out.put(Character.toString(character).getBytes(StandardCharsets.UTF_8));
      }
      index += Character.charCount(character);
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }
}
