package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0B",
    "1023,1023B",
    "1024,1.0KiB",
    "1536,1.5KiB",
    "102348,99.9KiB",
    "102400,100KiB",
    "1048063,1023KiB",
    "1048064,1.0MiB",
    "1048576,1.0MiB",
    "5368709120,5.0GiB",
    "9223372036854775807,8.0EiB"
  })
  void sizesTakeTheUnitThatFits(long bytes, String size) {
    assertThat(Quantities.size(bytes, false)).isEqualTo(size);
    assertThat(Quantities.size(bytes, true)).isEqualTo(Long.toString(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "-5,0s",
    "0,0s",
    "119,119s",
    "120,2m",
    "7199,119m",
    "7200,2h",
    "172799,47h",
    "172800,2d",
    "864000,10d"
  })
  void agesTakeTheUnitThatFits(long seconds, String age) {
    assertThat(Quantities.age(Duration.ofSeconds(seconds))).isEqualTo(age);
  }
}
