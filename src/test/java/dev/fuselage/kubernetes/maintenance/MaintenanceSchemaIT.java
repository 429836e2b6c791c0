package dev.fuselage.kubernetes.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.ClusterClient;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real API server takes as a FuselageMaintenance, and what it says of what it refuses. */
final class MaintenanceSchemaIT {
  private static final String NAME = "schema-test";

  private final ClusterClient cluster = ApiServer.shared().client(ApiServer.ADMIN);

  @AfterEach
  void remove() {
    cluster.client().resource(maintenance(NAME, "operations: [Cleanup]")).delete();
    cluster.close();
  }

  static Stream<Path> examples() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("deploy", "maintenance"))) {
      return files.toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void takesEachExample(Path example) throws IOException {
    GenericKubernetesResource parsed =
        Serialization.unmarshal(Files.readString(example), GenericKubernetesResource.class);
    parsed.getMetadata().setName(NAME);

    cluster.client().resource(parsed).create();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          operations: [Cleanup]                                  | exactly one of nodes and nodeSelector
          operations: [Cleanup], nodes: [a], nodeSelector: {}    | exactly one of nodes and nodeSelector
          operations: [Defragment], nodes: [a]                   | supported values
          operations: [], nodes: [a]                             | should have at least 1 items
          operations: [Verify, Verify], nodes: [a]               | name each operation once
          operations: [Verify], nodes: [a, a]                    | Duplicate value
          operations: [Verify], nodes: [a], maxConcurrent: 0     | greater than or equal to 1
          operations: [Verify], nodes: [a], deadline: soon       | deadline is a time such as 90m or 1h30m
          operations: [Verify], nodes: [a], deadline: 0s         | deadline is a time such as 90m or 1h30m
          operations: [Verify], nodes: [a], timeZone: UTC        | timeZone is for a schedule
          operations: [Verify], nodes: [a], failedRunsHistoryLimit: 1     | failedRunsHistoryLimit is for a schedule
          operations: [Verify], nodes: [a], successfulRunsHistoryLimit: 1 | successfulRunsHistoryLimit is for a schedule
          operations: [Verify], nodes: [a], schedule: "@daily"            | schedule has five fields
          operations: [Verify], nodes: [a], schedule: "60 * * * *"        | the first field of schedule is a minute (0-59)
          operations: [Verify], nodes: [a], schedule: "* 24 * * *"        | the second field of schedule is a hour (0-23)
          operations: [Verify], nodes: [a], schedule: "* * 0 * *"         | the third field of schedule is a day of the month (1-31)
          operations: [Verify], nodes: [a], schedule: "* * * 13 *"        | the fourth field of schedule is a month
          operations: [Verify], nodes: [a], schedule: "* * * * 8"         | the fifth field of schedule is a day of the week
          operations: [Verify], nodes: [a], schedule: "50-10 * * * *"     | instead of 50-10 write 50-59,0-10
          operations: [Verify], nodes: [a], schedule: "0 1 * * *", timeZone: Local            | Local is another one on each machine
          operations: [Verify], nodes: [a], schedule: "0 1 * * *", timeZone: Mars/Base        | spec.timeZone
          operations: [Verify], nodes: [a], schedule: "0 1 * * *", ttlSecondsAfterFinished: 1 | leave ttlSecondsAfterFinished out
          operations: [Evacuate], nodes: [a], schedule: "0 1 * * *"       | can't be done on a schedule
          operations: [Evacuate], nodeSelector: {}                        | name the nodes or select them by a label
          operations: [Verify], nodeSelector: {matchLabels: {role: build nodes}}                            | the value of a label is of letters
          operations: [Verify], nodeSelector: {matchLabels: {role: "a,b"}}                                  | the value of a label is of letters
          operations: [Verify], nodeSelector: {matchExpressions: [{key: a, operator: In, values: [b c]}]}   | the value of a label is of letters
          operations: [Verify], nodeSelector: {matchExpressions: [{key: a b, operator: Exists}]}            | the key of a label is such as
          operations: [Verify], nodeSelector: {matchExpressions: [{key: a, operator: In}]}                  | In and NotIn need values
          operations: [Verify], nodeSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]} | Exists and DoesNotExist take none
          """)
  void saysWhatIsWrong(String spec, String sentence) {
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> cluster.client().resource(maintenance(NAME, spec)).create())
        .withMessageContaining(sentence);
  }

  @Test
  void aNameMustLeaveRoomForWhatIsMadeOfIt() {
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(
            () ->
                cluster
                    .client()
                    .resource(maintenance("a".repeat(64), "operations: [Verify], nodes: [a]"))
                    .create())
        .withMessageContaining("the name is too long");
  }

  @Test
  void ofARunSuspendAloneCanBeChanged() {
    cluster.client().resource(maintenance(NAME, "operations: [Verify], nodes: [a]")).create();

    cluster
        .client()
        .resource(maintenance(NAME, "operations: [Verify], nodes: [a], suspend: true"))
        .update();

    for (String changed :
        List.of(
            "operations: [Cleanup], nodes: [a]",
            "operations: [Verify], nodes: [b]",
            "operations: [Verify], nodeSelector: {}",
            "operations: [Verify], nodes: [a], maxConcurrent: 2",
            "operations: [Verify], nodes: [a], deadline: 1h",
            "operations: [Verify], nodes: [a], ttlSecondsAfterFinished: 5")) {
      assertThatExceptionOfType(KubernetesClientException.class)
          .isThrownBy(() -> cluster.client().resource(maintenance(NAME, changed)).update())
          .withMessageContaining("of a run only suspend can be changed");
    }
  }

  @Test
  void aScheduleCanBeChangedButStaysOne() {
    cluster
        .client()
        .resource(maintenance(NAME, "operations: [Verify], nodes: [a], schedule: '0 1 * * *'"))
        .create();

    cluster
        .client()
        .resource(maintenance(NAME, "operations: [Backup], nodes: [b], schedule: '0 2 * * *'"))
        .update();

    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(
            () ->
                cluster
                    .client()
                    .resource(maintenance(NAME, "operations: [Backup], nodes: [b]"))
                    .update())
        .withMessageContaining("a run can't become a schedule");
  }

  @Test
  void itBeginsWithDefaults() {
    GenericKubernetesResource made =
        cluster.client().resource(maintenance(NAME, "operations: [Verify], nodes: [a]")).create();

    assertThat(made.<Integer>get("spec", "maxConcurrent")).isEqualTo(1);
    assertThat(made.<String>get("spec", "deadline")).isEqualTo("24h");
    assertThat(made.<Boolean>get("spec", "suspend")).isFalse();
  }

  private static GenericKubernetesResource maintenance(String name, String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: fuselage.dev/v1alpha1
        kind: FuselageMaintenance
        metadata: {name: %s}
        spec: {%s}
        """
            .formatted(name, spec),
        GenericKubernetesResource.class);
  }
}
