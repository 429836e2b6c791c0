package dev.fuselage.observability;

import io.prometheus.client.Collector.MetricFamilySamples;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The samples of one scrape. */
final class Samples {
  /** Of a label's value: keys are up to 4096 bytes long, and a scrape holds hundreds. */
  private static final int MOST_CHARACTERS = 200;

  private final Map<Family, List<MetricFamilySamples.Sample>> samples = new EnumMap<>(Family.class);

  void add(Family family, double value, String... labels) {
    add(family, family.metric(), family.labels(), List.of(labels), value);
  }

  private void add(
      Family family, String name, List<String> labels, List<String> values, double value) {
    List<String> shown = new ArrayList<>(values.size());
    values.forEach(label -> shown.add(shortened(label)));
    samples
        .computeIfAbsent(family, unused -> new ArrayList<>())
        .add(new MetricFamilySamples.Sample(name, labels, shown, value));
  }

  /**
   * A histogram.
   *
   * @param counts of each bucket alone, the one without a bound last
   */
  void addHistogram(Family family, double[] bounds, long[] counts, double sum, String label) {
    List<String> labels = new ArrayList<>(family.labels());
    labels.add("le");
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      total += counts[i];
      String bound = i < bounds.length ? Double.toString(bounds[i]) : "+Inf";
      add(family, family.metric() + "_bucket", labels, List.of(label, bound), total);
    }
    add(family, family.metric() + "_count", family.labels(), List.of(label), total);
    add(family, family.metric() + "_sum", family.labels(), List.of(label), sum);
  }

  /** What is too long ends by a number that keeps it apart from others that begin alike. */
  private static String shortened(String value) {
    return value.length() <= MOST_CHARACTERS
        ? value
        : value.substring(0, MOST_CHARACTERS) + "~" + Integer.toHexString(value.hashCode());
  }

  List<MetricFamilySamples> families() {
    List<MetricFamilySamples> families = new ArrayList<>(samples.size());
    samples.forEach(
        (family, list) ->
            families.add(new MetricFamilySamples(name(family), type(family), family.help(), list)));
    return families;
  }

  /** The client library puts the ending of a counter there itself. */
  private static String name(Family family) {
    return family.metric();
  }

  private static io.prometheus.client.Collector.Type type(Family family) {
    return switch (family.type()) {
      case GAUGE -> io.prometheus.client.Collector.Type.GAUGE;
      case COUNTER -> io.prometheus.client.Collector.Type.COUNTER;
      case HISTOGRAM -> io.prometheus.client.Collector.Type.HISTOGRAM;
    };
  }
}
