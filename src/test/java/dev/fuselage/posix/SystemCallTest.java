package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SystemCallTest {
  private static final Pattern DEFINITION =
      Pattern.compile("#define __NR(?:3264)?_(\\w+)\\s+(\\d+)");

  @Test
  void numbersAgreeWithTheKernelsHeaderForX86() throws IOException {
    agrees(Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Architecture.X86_64);
  }

  @Test
  void numbersAgreeWithTheKernelsHeaderForAarch64() throws IOException {
    agrees(Path.of("/usr/include/asm-generic/unistd.h"), Architecture.AARCH64);
  }

  @Test
  void anotherArchitectureIsRefusedWithASentence() {
    assertThatThrownBy(() -> Architecture.of("riscv64"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("Fuselage runs on x86-64 and aarch64 Linux, not on riscv64");
  }

  private static void agrees(Path header, Architecture architecture) throws IOException {
    assumeThat(header).exists();
    Map<String, Integer> numbers = new HashMap<>();
    Matcher definitions = DEFINITION.matcher(Files.readString(header));
    while (definitions.find()) {
      numbers.put(definitions.group(1), Integer.valueOf(definitions.group(2)));
    }
    for (SystemCall call : SystemCall.values()) {
      assertThat(numbers).containsEntry(call.manualName(), call.number(architecture));
    }
  }
}
