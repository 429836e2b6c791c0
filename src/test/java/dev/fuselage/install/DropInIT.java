package dev.fuselage.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.fuselage.it.Parts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What containerd 2.2 itself makes of our drop-in beside an admin's configuration. */
class DropInIT {
  private static final String IMAGES = "io.containerd.cri.v1.images";
  private static final String RUNTIME = "io.containerd.cri.v1.runtime";

  @TempDir private Path directory;

  private JsonNode dump(String main, Entrance entrance) throws Exception {
    Path file = write(main);
    assertThat(installer(file, entrance).install()).isEqualTo(new Standing.Complete());
    return dump(file);
  }

  private Path write(String main) throws IOException {
    return Files.writeString(directory.resolve("config.toml"), main.formatted(directory));
  }

  private Installer installer(Path main, Entrance entrance) {
    return new Installer(
        new Installer.Settings(
            entrance,
            main,
            directory.resolve("conf.d/fuselage.toml"),
            directory.resolve("manifests"),
            Path.of("/run/fuselage/fuselage.sock"),
            Path.of("/var/lib/fuselage"),
            true,
            false),
        () -> Optional.of(new ContainerdVersion(2, 2, 9)));
  }

  private static JsonNode dump(Path file) throws IOException, InterruptedException {
    Path containerd = Parts.tool("containerd").resolve("containerd");
    Process process =
        new ProcessBuilder(containerd.toString(), "--config", file.toString(), "config", "dump")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String dump = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).isZero();
    return new TomlMapper().readTree(dump);
  }

  private static JsonNode runtimes(JsonNode dump) {
    return dump.at("/plugins/" + RUNTIME + "/containerd/runtimes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        version = 3
        imports = ["%s/conf.d/*.toml"]
        [plugins.'io.containerd.cri.v1.images']
          snapshotter = "native"
        [plugins.'io.containerd.cri.v1.images'.pinned_images]
          sandbox = "admin/pause:1"
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
          SystemdCgroup = true
        """,
        """
        version = 2
        imports = ["%s/conf.d/*.toml"]
        [plugins."io.containerd.grpc.v1.cri"]
          sandbox_image = "admin/pause:1"
        [plugins."io.containerd.grpc.v1.cri".containerd]
          snapshotter = "native"
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
          runtime_type = "io.containerd.runc.v2"
        [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
          SystemdCgroup = true
        """
      })
  void anAdminsOwnSectionsSurvive(String main) throws Exception {
    JsonNode dump = dump(main, Entrance.RUNTIME_CLASS);

    assertThat(dump.at("/plugins/" + IMAGES + "/snapshotter").asText()).isEqualTo("native");
    assertThat(dump.at("/plugins/" + IMAGES + "/pinned_images/sandbox").asText())
        .isEqualTo("admin/pause:1");
    assertThat(runtimes(dump).at("/runc/options/SystemdCgroup").asBoolean()).isTrue();
    assertThat(runtimes(dump).at("/runc/snapshotter").asText()).isEmpty();
    assertThat(runtimes(dump).at("/fuselage/snapshotter").asText()).isEqualTo("fuselage");
    assertThat(runtimes(dump).at("/fuselage/options/SystemdCgroup").asBoolean()).isTrue();
    assertThat(dump.at("/plugins/" + IMAGES + "/runtime_platforms/fuselage/snapshotter").asText())
        .isEqualTo("fuselage");
    assertThat(dump.at("/plugins/io.containerd.transfer.v1.local/unpack_config"))
        .extracting(entry -> entry.path("snapshotter").asText())
        .containsExactly("native", "fuselage");
    assertThat(dump.at("/proxy_plugins/fuselage/address").asText())
        .isEqualTo("/run/fuselage/fuselage.sock");
    assertThat(dump.at("/proxy_plugins/fuselage/exports/root").asText())
        .isEqualTo("/var/lib/fuselage");
  }

  @Test
  void theDefaultHandlerIsWholeThoughNobodyWroteItBefore() throws Exception {
    JsonNode dump =
        dump("version = 3\nimports = [\"%s/conf.d/*.toml\"]\n", Entrance.DEFAULT_SNAPSHOTTER);

    assertThat(runtimes(dump).at("/runc/runtime_type").asText()).isEqualTo("io.containerd.runc.v2");
    assertThat(runtimes(dump).at("/runc/snapshotter").asText()).isEqualTo("fuselage");
    assertThat(runtimes(dump).at("/fuselage-bootstrap/snapshotter").asText())
        .isEqualTo("overlayfs");
    assertThat(dump.at("/plugins/" + IMAGES + "/snapshotter").asText()).isEqualTo("overlayfs");
  }

  @Test
  void onItsWayOutOnlyTheProxyPluginAndTheBootstrapHandlerAreLeft() throws Exception {
    Path main = write("version = 3\nimports = [\"%s/conf.d/*.toml\"]\n");
    Installer installer = installer(main, Entrance.DEFAULT_SNAPSHOTTER);
    installer.install();

    assertThat(installer.remove(new Departure(1, true, false))).isEqualTo(new Removal.Shrunk());

    JsonNode dump = dump(main);
    assertThat(dump.at("/proxy_plugins/fuselage/address").asText())
        .isEqualTo("/run/fuselage/fuselage.sock");
    assertThat(runtimes(dump).at("/runc/snapshotter").asText()).isEmpty();
    assertThat(runtimes(dump).has("fuselage")).isFalse();
    assertThat(runtimes(dump).at("/fuselage-bootstrap/snapshotter").asText())
        .isEqualTo("overlayfs");
    assertThat(dump.at("/plugins/" + IMAGES + "/runtime_platforms").has("fuselage")).isFalse();
    assertThat(
            dump.at("/plugins/" + IMAGES + "/runtime_platforms/fuselage-bootstrap/snapshotter")
                .asText())
        .isEqualTo("overlayfs");
  }

  /** In the order that containerd has, which reads what files import after all that is pending. */
  @ParameterizedTest
  @CsvSource({
    "conf.d/zz.toml, '\"%s/conf.d/*.toml\"', true",
    "conf.d/aa.toml, '\"%s/conf.d/*.toml\"', false",
    "far.toml, '\"%s/far.toml\", \"%s/conf.d/*.toml\"', false",
    "far.toml, '\"%s/conf.d/*.toml\", \"%s/far.toml\"', true",
    "far.toml, '\"%s/near.toml\", \"%s/conf.d/*.toml\"', true"
  })
  void whatIsTakenBackByAnotherFileIsSeen(String other, String imports, boolean takenBack)
      throws Exception {
    Files.createDirectories(directory.resolve("conf.d"));
    Files.writeString(
        directory.resolve("near.toml"),
        "version = 3\nimports = [\"%s/far.toml\"]\n".formatted(directory));
    Path overriding =
        Files.writeString(
            directory.resolve(other),
            """
            version = 3
            [[plugins.'io.containerd.transfer.v1.local'.unpack_config]]
              platform = "linux"
              snapshotter = "native"
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.fuselage]
              snapshotter = "native"
            """);
    Path main =
        Files.writeString(
            directory.resolve("config.toml"),
            "version = 3\nimports = [%s]\n".formatted(imports.replace("%s", directory.toString())));

    Standing standing = installer(main, Entrance.RUNTIME_CLASS).install();

    JsonNode dump = dump(main);
    assertThat(runtimes(dump).at("/fuselage/snapshotter").asText())
        .isEqualTo(takenBack ? "native" : "fuselage");
    assertThat(dump.at("/plugins/io.containerd.transfer.v1.local/unpack_config"))
        .extracting(entry -> entry.path("snapshotter").asText())
        .isEqualTo(takenBack ? List.of("native") : List.of("native", "fuselage"));
    if (takenBack) {
      assertThat(standing)
          .isInstanceOfSatisfying(
              Standing.Waiting.class,
              waiting -> assertThat(waiting.message()).startsWith(overriding + " is read after"));
    } else {
      assertThat(standing).isEqualTo(new Standing.Complete());
    }
  }
}
