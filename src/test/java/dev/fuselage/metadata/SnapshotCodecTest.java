package dev.fuselage.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import dev.fuselage.metadata.proto.SnapshotRecord;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.TreeDigest;
import dev.fuselage.snapshot.Usage;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotCodecTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.123456789Z");
  private static final Snapshot.Committed LAYER =
      new Snapshot.Committed(
          new SnapshotId(7),
          "layer",
          new Ancestry("parent", List.of(new SnapshotId(5), new SnapshotId(3))),
          Labels.of(Map.of("a", "b", "é", "漢😀")),
          THEN,
          THEN.plusSeconds(1),
          new Usage(4096, 2),
          Optional.of(new TreeDigest(-1, OptionalLong.of(9))));

  @Test
  void anySnapshotIsReadAsItWasWritten() {
    Random random = new Random(17);
    for (int i = 0; i < 2_000; i++) {
      Snapshot snapshot = snapshot(random);
      assertThat(SnapshotCodec.decode(snapshot.key(), SnapshotCodec.encode(snapshot)))
          .isEqualTo(snapshot);
    }
  }

  private static Snapshot snapshot(Random random) {
    SnapshotId id = new SnapshotId(random.nextLong(1, Long.MAX_VALUE));
    String key = "key-" + random.nextInt();
    Ancestry ancestry =
        random.nextBoolean()
            ? Ancestry.NONE
            : new Ancestry(
                "p".repeat(1 + random.nextInt(300)),
                IntStream.range(0, 1 + random.nextInt(130))
                    .mapToObj(i -> new SnapshotId(random.nextLong(1, Long.MAX_VALUE)))
                    .toList());
    Map<String, String> labels = new HashMap<>();
    for (int i = random.nextInt(9); i > 0; i--) {
      labels.put("ü".repeat(1 + random.nextInt(200)), "v".repeat(1 + random.nextInt(200)));
    }
    Instant created = instant(random);
    return switch (random.nextInt(3)) {
      case 0 -> new Snapshot.View(id, key, ancestry, Labels.of(labels), created, instant(random));
      case 1 -> new Snapshot.Active(id, key, ancestry, Labels.of(labels), created, instant(random));
      default ->
          new Snapshot.Committed(
              id,
              key,
              ancestry,
              Labels.of(labels),
              created,
              instant(random),
              new Usage(random.nextLong(1L << 50), random.nextLong(1L << 40)),
              digest(random));
    };
  }

  private static Instant instant(Random random) {
    return Instant.ofEpochSecond(
        random.nextLong(-1L << 33, 1L << 33), random.nextInt(1_000_000_000));
  }

  private static Optional<TreeDigest> digest(Random random) {
    return random.nextBoolean()
        ? Optional.empty()
        : Optional.of(
            new TreeDigest(
                random.nextLong(),
                random.nextBoolean() ? OptionalLong.of(random.nextLong()) : OptionalLong.empty()));
  }

  @Test
  void fieldsOfALaterVersionArePassedOver() {
    UnknownFieldSet later =
        UnknownFieldSet.newBuilder()
            .addField(900, UnknownFieldSet.Field.newBuilder().addVarint(5).build())
            .addField(
                901,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("text"))
                    .addFixed32(1)
                    .addFixed64(2)
                    .build())
            .build();
    byte[] bytes =
        SnapshotCodec.message(LAYER).toBuilder().setUnknownFields(later).build().toByteArray();

    assertThat(SnapshotCodec.decode("layer", bytes)).isEqualTo(LAYER);
  }

  /** Protobuf lets a writer say it so, whoever that may be. */
  @Test
  void theLastValueOfAFieldCountsAndNumbersNeedNotBePacked() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(SnapshotRecord.newBuilder().setId(99).setParent("another").build().toByteArray());
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeUInt64(SnapshotRecord.ANCESTOR_IDS_FIELD_NUMBER, 5);
    out.writeUInt64(SnapshotRecord.ANCESTOR_IDS_FIELD_NUMBER, 3);
    out.flush();
    bytes.write(SnapshotCodec.message(LAYER).toBuilder().clearAncestorIds().build().toByteArray());

    assertThat(SnapshotCodec.decode("layer", bytes.toByteArray())).isEqualTo(LAYER);
  }

  @Test
  void aRecordThatEndsEarlyIsDamagedOrAnotherAndNothingElse() {
    byte[] whole = SnapshotCodec.encode(LAYER);
    for (int length = 0; length < whole.length; length++) {
      byte[] part = new byte[length];
      System.arraycopy(whole, 0, part, 0, length);
      try {
        assertThat(SnapshotCodec.decode("layer", part)).isNotEqualTo(LAYER);
      } catch (SnapshotException e) {
        assertThat(e).hasMessageContaining("damaged");
      }
    }
  }

  @Test
  void whatNoSnapshotCanBeIsDamaged() {
    SnapshotRecord good = SnapshotCodec.message(LAYER);
    for (SnapshotRecord bad :
        List.of(
            SnapshotRecord.getDefaultInstance(),
            good.toBuilder().setId(0).build(),
            good.toBuilder().setKindValue(4).build(),
            good.toBuilder().setParent("").build(),
            good.toBuilder().addAncestorIds(0).build())) {
      assertThatThrownBy(() -> SnapshotCodec.decode("layer", bad.toByteArray()))
          .as("%s", bad)
          .isInstanceOf(SnapshotException.class)
          .hasMessage("the record of snapshot \"layer\" is damaged");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0c", "0f", "ffffffffffffffffffffff", "2a7f", "2affffffff0f"})
  void whatIsNoProtobufIsDamaged(String hexadecimal) {
    byte[] bytes = HexFormat.of().parseHex(hexadecimal);
    assertThatThrownBy(() -> SnapshotCodec.decode("layer", bytes))
        .isInstanceOf(SnapshotException.class)
        .hasMessage("the record of snapshot \"layer\" is damaged");
  }
}
