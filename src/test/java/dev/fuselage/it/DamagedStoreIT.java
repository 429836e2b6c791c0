package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fuselage.cli.ExitCode;
import dev.fuselage.grpc.SnapshotterClient;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.SnapshotException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that is damaged is not started over in silence, and comes back from the layers. */
class DamagedStoreIT {
  @RegisterExtension private final Workspace workspace = new Workspace();

  /** What can happen to a store while no service has it. */
  enum Damage {
    REMOVED {
      @Override
      void inflict(Path store) throws IOException {
        for (Path file : files(store, "")) {
          Files.delete(file);
        }
        Files.delete(store);
      }
    },
    EMPTIED {
      @Override
      void inflict(Path store) throws IOException {
        for (Path file : files(store, "")) {
          Files.delete(file);
        }
      }
    },
    MANIFEST_TRUNCATED {
      @Override
      void inflict(Path store) throws IOException {
        for (Path file : files(store, "MANIFEST")) {
          Files.write(file, new byte[0]);
        }
      }
    },
    CURRENT_GARBLED {
      @Override
      void inflict(Path store) throws IOException {
        Files.writeString(store.resolve("CURRENT"), "no such file\n");
      }
    };

    abstract void inflict(Path store) throws IOException;

    private static List<Path> files(Path store, String prefix) throws IOException {
      try (Stream<Path> files = Files.list(store)) {
        return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
      }
    }
  }

  private Installation fuselage() {
    return Installation.in(workspace.path(), workspace, Parts.launcher());
  }

  private static List<Info> fill(Installation fuselage) {
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      client.prepare(Call.PATIENT, "extract", "", Labels.NONE);
      client.commit(Call.PATIENT, "layer", "extract", Optional.empty(), Labels.NONE);
      client.prepare(Call.PATIENT, "container", "layer", Labels.NONE);
      client.view(Call.PATIENT, "view", "layer", Labels.NONE);
      List<Info> all = all(client);
      assertThat(service.stop()).as(service.log()).isZero();
      return all;
    }
  }

  private static List<Info> all(SnapshotterClient client) {
    List<Info> all = new ArrayList<>();
    try (var listing = client.list(List.of())) {
      listing.forEachRemaining(all::add);
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void theServiceStaysUpAndSaysWhatToDoUntilTheStoreIsRebuilt(Damage damage) throws Exception {
    Installation fuselage = fuselage();
    List<Info> before = fill(fuselage);
    damage.inflict(fuselage.root().resolve("store"));

    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThatThrownBy(() -> client.stat("layer"))
          .isInstanceOfSatisfying(
              SnapshotException.class,
              e -> assertThat(e.code()).isEqualTo(SnapshotException.Code.UNAVAILABLE))
          .hasMessageContaining("is damaged")
          .hasMessageContaining("fuselage rebuild");
      assertThatThrownBy(() -> client.prepare(Call.PATIENT, "new", "", Labels.NONE))
          .hasMessageContaining("is damaged");
      assertThat(get(service, "/health/ready", 503)).contains("is damaged");
      get(service, "/health/live", 200);
      assertThat(service.stop()).as(service.log()).isZero();
    }

    Place.Result rebuild = fuselage.run("rebuild");
    assertThat(rebuild.exitCode()).as(rebuild.toString()).isEqualTo(ExitCode.OK.code());
    assertThat(rebuild.out()).contains("brought back: 1 committed, 1 active, 1 views");

    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(all(client)).isEqualTo(before);
      assertThat(get(service, "/health/ready", 200)).contains("UP");
    }
  }

  @Test
  void rebuildsByItselfIfTold() throws Exception {
    Installation fuselage = fuselage();
    List<Info> before = fill(fuselage);
    Damage.MANIFEST_TRUNCATED.inflict(fuselage.root().resolve("store"));

    try (Service service = fuselage.with("FUSELAGE_STORE_ON_DAMAGE", "rebuild").start();
        SnapshotterClient client = service.client()) {
      assertThat(all(client)).isEqualTo(before);
      assertThat(get(service, "/health/ready", 200)).contains("UP");
      assertThat(service.log()).contains("brought back: 1 committed, 1 active, 1 views");
      assertThat(service.stop()).as(service.log()).isZero();
    }
    try (Stream<Path> entries = Files.list(fuselage.root())) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .anyMatch(name -> name.startsWith("store.replaced-"));
    }
  }

  @Test
  void saysWhyItCouldNotRebuildByItselfUntilAnOperatorDoes() throws Exception {
    Installation fuselage = fuselage();
    List<Info> before = fill(fuselage);
    Damage.MANIFEST_TRUNCATED.inflict(fuselage.root().resolve("store"));
    Path inTheWay = fuselage.root().resolve("store.new");
    Files.createSymbolicLink(inTheWay, Path.of("nowhere"));
    String failed = "the last try to make it again failed: ";

    try (Service service = fuselage.with("FUSELAGE_STORE_ON_DAMAGE", "rebuild").start();
        SnapshotterClient client = service.client()) {
      assertThatThrownBy(() -> client.stat("layer"))
          .hasMessageContaining(failed)
          .hasMessageContaining("store.new");
      assertThat(get(service, "/health/ready", 503)).contains(failed, "store.new");
      assertThat(fuselage.run("ls").err()).contains(failed, "store.new");

      Files.delete(inTheWay);
      assertThat(fuselage.run("rebuild").succeeded().out())
          .contains("brought back: 1 committed, 1 active, 1 views");
      assertThat(all(client)).isEqualTo(before);
      assertThat(get(service, "/health/ready", 200)).contains("UP");
    }
  }

  @Test
  void theServiceThatHasItMakesItAgainAndGoesOn() throws Exception {
    Installation fuselage = fuselage();
    List<Info> before = fill(fuselage);
    Damage.REMOVED.inflict(fuselage.root().resolve("store"));

    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(fuselage.run("backup", "create").exitCode())
          .isEqualTo(ExitCode.UNAVAILABLE.code());
      assertThat(fuselage.run("rebuild").succeeded().out())
          .contains("brought back: 1 committed, 1 active, 1 views");
      assertThat(all(client)).isEqualTo(before);
      assertThat(get(service, "/health/ready", 200)).contains("UP");
      assertThat(fuselage.run("rebuild").exitCode()).isEqualTo(ExitCode.FAILED.code());
      assertThat(fuselage.run("compact").succeeded().out()).isEmpty();
      client.prepare(Call.PATIENT, "new", "layer", Labels.NONE);
    }
  }

  @Test
  void aBackupSpeaksForTheLayerWhoseRecordIsLost() throws Exception {
    Installation fuselage = fuselage();
    List<Info> before = fill(fuselage);
    try (Service service = fuselage.start()) {
      fuselage.run("backup", "create").succeeded();
      assertThat(fuselage.run("backup", "ls").succeeded().out()).contains("command");
      assertThat(fuselage.run("backup", "verify", "1").succeeded().out()).contains("3 snapshots");
      assertThat(service.stop()).as(service.log()).isZero();
    }
    Damage.MANIFEST_TRUNCATED.inflict(fuselage.root().resolve("store"));
    Files.delete(firstOf(fuselage.root().resolve("snapshots")).resolve("record"));
    assertThat(fuselage.run("rebuild").exitCode()).isEqualTo(ExitCode.IN_PART.code());

    assertThat(fuselage.run("restore").succeeded().out())
        .contains("brought back: 1 committed, 1 active, 1 views");

    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(all(client)).isEqualTo(before);
    }
  }

  @Test
  void whatIsInQuarantineIsStillThereAfterARebuildUntilItIsReleased() throws Exception {
    Installation fuselage = fuselage();
    List<Info> before = fill(fuselage);
    Path layer = firstOf(fuselage.root().resolve("snapshots"));
    Files.setPosixFilePermissions(
        layer.resolve("fs"), PosixFilePermissions.fromString("rwx------"));
    try (Service service = fuselage.start()) {
      assertThat(fuselage.run("verify").exitCode()).isEqualTo(ExitCode.DAMAGED.code());
      assertThat(service.stop()).as(service.log()).isZero();
    }
    Damage.REMOVED.inflict(fuselage.root().resolve("store"));

    Place.Result rebuild = fuselage.run("rebuild");

    assertThat(rebuild.exitCode()).isEqualTo(ExitCode.IN_PART.code());
    assertThat(rebuild.out())
        .contains("brought back: 1 committed, 1 active, 1 views")
        .contains("in quarantine: %s: its tree".formatted(layer.getFileName()));
    try (Service service = fuselage.start();
        SnapshotterClient client = service.client()) {
      assertThat(all(client)).isEqualTo(before);
      assertThatThrownBy(() -> client.mounts("container")).hasMessageContaining("in quarantine");
      fuselage.run("quarantine", "release", "layer").succeeded();
      assertThat(client.mounts("container")).isNotEmpty();
      assertThat(service.stop()).as(service.log()).isZero();
    }
    Damage.REMOVED.inflict(fuselage.root().resolve("store"));
    fuselage.run("rebuild").succeeded();
  }

  /** The directory of the snapshot that was made first: the layer. */
  private static Path firstOf(Path snapshots) throws IOException {
    try (Stream<Path> directories = Files.list(snapshots)) {
      return directories
          .min(Comparator.comparingLong(path -> Long.parseLong(path.getFileName().toString())))
          .orElseThrow();
    }
  }

  /** Readiness follows the canary, a moment later. */
  private static String get(Service service, String path, int status) {
    URI address = service.managementAddress().resolve(path);
    AtomicReference<String> body = new AtomicReference<>("");
    try (HttpClient http = HttpClient.newHttpClient()) {
      await()
          .untilAsserted(
              () -> {
                HttpResponse<String> answer =
                    http.send(
                        HttpRequest.newBuilder(address).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
                body.set(answer.body());
              });
    }
    return body.get();
  }
}
