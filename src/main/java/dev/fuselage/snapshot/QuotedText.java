package dev.fuselage.snapshot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads what stands between quotes in a filter: a Go string literal, whatever the quote. */
final class QuotedText {
  private static final String UNTERMINATED = "the quoted text does not end";
  private static final String ILLEGAL_ESCAPE = "an escape that Go does not know";

  private final FilterText text;
  private final int quote;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private QuotedText(FilterText text) {
    this.text = text;
    this.quote = text.next();
  }

  /**
   * Reads from the quote that comes next to the one that ends it.
   *
   * @return empty, if the bytes that the text stands for are not UTF-8
   * @throws SnapshotException INVALID_ARGUMENT
   */
  static Optional<String> read(FilterText text) {
    QuotedText quoted = new QuotedText(text);
    quoted.readToEnd();
    return quoted.decoded();
  }

  private void readToEnd() {
    while (!text.skip(quote)) {
      int character = text.peek();
      if (character == FilterText.END || character == '\n') {
        throw text.invalid(UNTERMINATED);
      }
      if (text.skip('\\')) {
        readEscape();
      } else {
        writeCharacter(text.next());
      }
    }
  }

  private void readEscape() {
    int character = text.peek();
    if (character == quote || character == '\\') {
      bytes.write(text.next());
    } else if (digit(8) >= 0) {
      readOctal();
    } else {
      readLetter();
    }
  }

  private void readLetter() {
    int letter = text.peek();
    switch (letter) {
      case 'a' -> bytes.write(0x07);
      case 'b' -> bytes.write('\b');
      case 'f' -> bytes.write('\f');
      case 'n' -> bytes.write('\n');
      case 'r' -> bytes.write('\r');
      case 't' -> bytes.write('\t');
      case 'v' -> bytes.write(0x0B);
      case 'x', 'u', 'U' -> {
        text.next();
        readHexadecimal(letter);
        return;
      }
      default -> throw text.invalid(ILLEGAL_ESCAPE);
    }
    text.next();
  }

  private void readOctal() {
    int value = readDigits(8, 3);
    if (value > 0xFF) {
      throw text.invalid("an octal escape over \\377");
    }
    bytes.write(value);
  }

  private void readHexadecimal(int letter) {
    switch (letter) {
      case 'x' -> bytes.write(readDigits(16, 2));
      case 'u' -> writeCharacter(readDigits(16, 4));
      default -> writeCodePoint(readDigits(16, 8));
    }
  }

  private void writeCodePoint(int value) {
    if (value < 0) {
      // containerd keeps the value in 32 signed bits, and takes a negative one for a byte.
      bytes.write(value);
    } else if (value > Character.MAX_CODE_POINT) {
      throw text.invalid("an escape beyond the last character of Unicode");
    } else {
      writeCharacter(value);
    }
  }

  private void writeCharacter(int character) {
    // Go writes U+FFFD for a surrogate, one for each half of a pair.
    boolean surrogate = Character.getType(character) == Character.SURROGATE;
    String written = surrogate ? "\uFFFD" : Character.toString(character);
    bytes.writeBytes(written.getBytes(StandardCharsets.UTF_8));
  }

  private int readDigits(int radix, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      int digit = digit(radix);
      if (digit < 0) {
        throw text.invalid(ILLEGAL_ESCAPE);
      }
      value = value * radix + digit;
      text.next();
    }
    return value;
  }

  // Java knows digits of other scripts too.
  private int digit(int radix) {
    int character = text.peek();
    return character < 0x80 ? Character.digit(character, radix) : -1;
  }

  private Optional<String> decoded() {
    try {
      ByteBuffer encoded = ByteBuffer.wrap(bytes.toByteArray());
      return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(encoded).toString());
    } catch (CharacterCodingException notUtf8) {
      return Optional.empty();
    }
  }
}
