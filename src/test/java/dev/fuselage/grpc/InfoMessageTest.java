package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.grpc.proto.ListSnapshotsResponse;
import dev.fuselage.grpc.proto.StatSnapshotResponse;
import dev.fuselage.grpc.proto.UpdateSnapshotResponse;
import dev.fuselage.metadata.RocksStore;
import dev.fuselage.metadata.WireLabels;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfoMessageTest {
  private static final Info INFO =
      new Info(
          "k8s.io/5/extract-1 sha256:ü漢😀",
          "sha256:a",
          Kind.ACTIVE,
          Labels.of(Map.of("containerd.io/snapshot.ref", "sha256:b", "é", "x".repeat(4000))),
          Instant.parse("2026-01-02T03:04:05.123456789Z"),
          Instant.parse("2262-04-11T23:47:16.999999999Z"));

  @Test
  void anInfoIsTheAnswerOfStatAndUpdate() throws Exception {
    byte[] bytes = InfoMessage.of(INFO).toByteArray();

    assertThat(Messages.toInfo(StatSnapshotResponse.parseFrom(bytes).getInfo())).isEqualTo(INFO);
    assertThat(Messages.toInfo(UpdateSnapshotResponse.parseFrom(bytes).getInfo())).isEqualTo(INFO);
  }

  @Test
  void protobufWouldTakeTheSameBytes() throws Exception {
    Info plain =
        new Info("key", "", Kind.VIEW, Labels.of(Map.of("a", "b")), INFO.created(), INFO.updated());
    byte[] bytes = InfoMessage.of(plain).toByteArray();

    assertThat(StatSnapshotResponse.parseFrom(bytes).toByteArray()).isEqualTo(bytes);
  }

  @Test
  void infosOfAnySizeAreTheAnswerOfList() throws Exception {
    Random random = new Random(11);
    List<Info> infos = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      infos.add(info(random));
    }

    byte[] bytes = InfoMessage.of(infos.stream().map(InfoMessage::encode).toList()).toByteArray();

    assertThat(
            ListSnapshotsResponse.parseFrom(bytes).getInfoList().stream()
                .map(Messages::toInfo)
                .toList())
        .isEqualTo(infos);
  }

  @Test
  void storedLabelsArePassedOnAsTheyAre(@TempDir Path directory) throws Exception {
    Snapshot.Active snapshot =
        new Snapshot.Active(
            new SnapshotId(1),
            INFO.name(),
            Ancestry.NONE,
            INFO.labels(),
            INFO.created(),
            INFO.updated());
    try (RocksStore store = RocksStore.open(directory, failure -> {})) {
      store.update(
          transaction -> {
            transaction.put(snapshot);
            return "";
          });
      Info stored = store.find(INFO.name()).orElseThrow().info();

      assertThat(stored.labels().stored()).containsInstanceOf(WireLabels.class);
      assertThat(
              Messages.toInfo(
                  StatSnapshotResponse.parseFrom(InfoMessage.of(stored).toByteArray()).getInfo()))
          .isEqualTo(snapshot.info());
    }
  }

  private static Info info(Random random) {
    Map<String, String> labels = new HashMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      labels.put("é".repeat(1 + random.nextInt(300)), "v".repeat(random.nextInt(300)));
    }
    return new Info(
        "k".repeat(random.nextInt(300)),
        "p".repeat(random.nextInt(3)),
        Kind.values()[random.nextInt(3)],
        Labels.of(labels),
        Instant.ofEpochSecond(random.nextLong(-1L << 33, 1L << 33), random.nextInt(1_000_000_000)),
        Instant.EPOCH);
  }
}
