package dev.fuselage.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is expected here is what containerd's own parser answered; the Go tests compare more. */
class FilterTest {
  private static final Info LAYER =
      new Info(
          "sha256:a b",
          "",
          Kind.COMMITTED,
          Labels.of(
              Map.of(
                  "l", "1",
                  "a.b", "dotted",
                  "containerd.io/snapshot.ref", "sha256:c,d",
                  "é", "\uFFFD",
                  "number", "12")),
          Instant.EPOCH,
          Instant.EPOCH);

  private static final Info BARE =
      new Info("key", "sha256:a b", Kind.ACTIVE, Labels.NONE, Instant.EPOCH, Instant.EPOCH);

  @Test
  void noFilterHoldsForAll() {
    assertThat(Filter.parse(List.of()).matches(BARE)).isTrue();
  }

  @Test
  void anEmptyFilterAmongOthersHoldsForAll() {
    assertThat(Filter.parse(List.of("name==other", "")).matches(BARE)).isTrue();
  }

  @Test
  void oneOfSeveralFiltersIsEnough() {
    Filter filter = Filter.parse(List.of("name==other", "kind==active"));
    assertThat(filter.matches(BARE)).isTrue();
    assertThat(filter.matches(LAYER)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "parent",
        "kind",
        "labels.l",
        "labels.a.b",
        "labels.\"a.b\"",
        "labels.\"a\".\"b\"",
        "labels. \"a.b\"",
        " labels.l",
        "kind==committed",
        "kind.whatever==committed",
        "\"k\\x69nd\"==committed",
        "parent==\"\"",
        "name==\"sha256:a b\"",
        "name == \"sha256:a b\"",
        "name==\u00a0\"sha256:a b\"",
        "labels.\"containerd.io/snapshot.ref\"==\"sha256:c,d\"",
        "labels.l==1,labels.number==12",
        "labels.l==1, \tlabels.number",
        "labels.l!=2",
        "labels.missing!=x",
        "unknown!=x",
        "labels.missing~=^$",
        "labels.missing~=\"\"",
        "name~=a",
        "name~=/^sha256:[a-f] b$/",
        "name~=|^sha256:\\x61|",
        "name~=/a\\/?/",
        "labels.number~=/^\\\\d+$/",
        "labels.number~=^\\d+$",
        "labels.number~=/{{0,2}/",
        "labels.number~=/(?P<n>1)(?P<n>2)/",
        "labels.number~=/(?<n>1)2{1,}/",
        "labels.number!=\"\\xff\"",
        "labels.\"\\xc3\\xa9\"",
        "labels.\"\\303\\251\"",
        "labels.\"\\u00e9\"==\"\\ud800\"",
        "labels.\"\\U000000e9\"",
        "labels.\"\\Uffffff6c\"==1",
      })
  void holdsForTheLayer(String filter) {
    assertThat(Filter.parse(List.of(filter)).matches(LAYER)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unknown",
        "labels",
        "labels.\"\"",
        "labels.a",
        "labels.missing",
        "labels.missing==\"\"",
        "labels.missing!=\"\"",
        "labels.\"\\xff\"",
        "labels.\"\\xc3\".\"\\xa9\"",
        "\"\\xff\"",
        "kind==COMMITTED",
        "labels.l==1,labels.number==13",
        "labels.number~=\"\\xff\"",
        "labels.number~=/(/",
        "labels.number~=a**",
        "labels.number~=/1|\\\\é/",
        "labels.number~=/(?P<n>?)/",
        "labels.number~=/(?P<é>1)/",
        "labels.number~=/1(?i){1000}{1000}/",
        "labels.number~=/1{1001}|1/",
        "labels.number~=/1{2,1}|1/",
        "labels.number~=/(?:(?:1?){1000}){1000}/",
        "labels.number~=/(?:(?:(?:1{0,1000}){0,1000}){0,1000}){0,1000}/",
        "name==\u200bkey",
      })
  void doesNotHoldForTheLayer(String filter) {
    assertThat(Filter.parse(List.of(filter)).matches(LAYER)).isFalse();
  }

  @Test
  void aLabelOfNoLabelsIsAbsent() {
    assertThat(Filter.parse(List.of("labels.l")).matches(BARE)).isFalse();
    assertThat(Filter.parse(List.of("labels.l!=1")).matches(BARE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        ",",
        "name,",
        "name,,kind",
        "name ",
        "name ,kind",
        "name .x",
        "name.",
        ".name",
        "name\"x\"",
        "/name/",
        "näme",
        "name=x",
        "name=~x",
        "name===x",
        "name==!x",
        "name<x",
        "name==",
        "name== ",
        "name==,kind",
        "name==.x",
        "name==/x/",
        "name==|x|",
        "name!=/x/",
        "name==x y",
        "name==x ,kind",
        "name==x\u200b",
        "name==\"x\"y",
        "name==\"x",
        "name==\"x\\\"",
        "name==\"x\ny\"",
        "name==\"\\'\"",
        "name==\"\\/\"",
        "name~=/\\\"/",
        "name~=/\\d/",
        "name==\"\\x4\"",
        "name==\"\\x4g\"",
        "name==\"\\12\"",
        "name==\"\\400\"",
        "name==\"\\8\"",
        "name==\"\\u12\"",
        "name==\"\\u\u0661234\"",
        "name==\"\\U00110000\"",
        "name==\u0000",
        "name==\"a\uFFFD\"",
        "name==\"a\ud800\"",
      })
  void isNoFilter(String filter) {
    assertThatThrownBy(() -> Filter.parse(List.of("", filter)))
        .asInstanceOf(type(SnapshotException.class))
        .extracting(SnapshotException::code)
        .isEqualTo(SnapshotException.Code.INVALID_ARGUMENT);
  }

  @Test
  void aRefusalNamesTheFilterTheReasonAndThePlace() {
    assertThatThrownBy(() -> Filter.parse(List.of("name===%s")))
        .hasMessage("filter \"name===%s\": there is no operator \"===\", at character 8");
  }

  @Test
  void aPatternThatRepeatsNothingForeverIsAnsweredAtOnce() {
    Info long4000 =
        new Info("x".repeat(4000), "", Kind.VIEW, Labels.NONE, Instant.EPOCH, Instant.EPOCH);
    assertThat(Filter.parse(List.of("name~=/^(((x+)+)+)+y$/")).matches(long4000)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:a{0,1000}){2}",
        "(?:x?){1000}y",
        "(",
        "((",
        "(?:",
        ")",
        "(a)*",
        "(a{1000}|b)",
        "(?i)x{3}",
        "[",
        "[^]x",
        "[[:",
        "[[:alpha:]",
        "{",
        "{1",
        "\\\\",
        "\\\\Q(",
        "\\\\E",
        "\\\\p{",
        "\\\\pL{1000}",
        "\\\\x{41}{1000}",
      })
  void anExpressionOfAnySizeIsAnsweredOrRefused(String part) {
    for (int times : new int[] {1, 2, 999, 1001, 100_000}) {
      String filter = "name~=\"" + part.repeat(times) + "\"";
      try {
        assertThat(Filter.parse(List.of(filter)).matches(LAYER)).isIn(true, false);
      } catch (SnapshotException refused) {
        assertThat(refused.code()).isEqualTo(SnapshotException.Code.INVALID_ARGUMENT);
      }
    }
  }

  @Test
  void anExpressionThatWouldTakeMuchMemoryIsRefused() {
    assertThatThrownBy(() -> Filter.parse(List.of("name~=" + "a{1000}".repeat(11))))
        .hasMessageContaining("larger than this service evaluates");
  }
}
