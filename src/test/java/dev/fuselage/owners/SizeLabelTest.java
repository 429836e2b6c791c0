package dev.fuselage.owners;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.configuration.MemorySizeConverter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeLabelTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0", "1", "100000", " 7 ", "12b", "12B", "5k", "5K", "20m", "20M", "10G", "10g", "3T", "2P",
        "1E"
      })
  void aSizeIsReadAsInTheConfiguration(String size) {
    assertThat(SizeLabel.bytes(size))
        .hasValue(new MemorySizeConverter().convert(size).asLongValue());
  }

  @ParameterizedTest
  @CsvSource({"5Ki, 5120", "20Mi, 20971520", "10Gi, 10737418240"})
  void aSizeIsReadAsKubernetesWritesIt(String size, long bytes) {
    assertThat(SizeLabel.bytes(size)).hasValue(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "1.5G",
        "10 G",
        "G",
        "i",
        "10i",
        "10Gib",
        "much",
        "\u0661",
        "9E",
        "9223372036854775808",
        "99999999999999999999"
      })
  void whatIsNoSizeIsNone(String size) {
    assertThat(SizeLabel.bytes(size)).isEmpty();
  }
}
