package dev.fuselage.torture;

import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import java.util.Map;

/**
 * A snapshot as the model has it.
 *
 * @param parent its name, empty for none
 * @param number which call wrote its label last
 */
record Entry(Kind kind, String parent, String number) {
  private static final String LABEL = "number";

  static Entry of(Info info) {
    return new Entry(info.kind(), info.parent(), info.labels().get(LABEL).orElse(""));
  }

  static Labels labels(String number) {
    return Labels.of(Map.of(LABEL, number));
  }

  static Labels relabelled(Labels labels, String number) {
    return labels.with(LABEL, number);
  }

  Entry with(String otherNumber) {
    return new Entry(kind, parent, otherNumber);
  }
}
