package dev.fuselage.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InstallerTest {
  private static final String IMPORT = "imports = [\"conf.d/*.toml\"]\n";

  @TempDir private Path directory;
  private Path main;
  private Path dropIn;
  private Path staticPods;
  private boolean inPod;
  private Optional<ContainerdVersion> version = ContainerdVersion.of("v2.2.9");

  @BeforeEach
  void name() throws IOException {
    main = directory.resolve("config.toml");
    dropIn = directory.resolve("conf.d/fuselage.toml");
    staticPods = Files.createDirectory(directory.resolve("manifests"));
  }

  private Installer installer(Entrance entrance) {
    return new Installer(
        new Installer.Settings(
            entrance,
            main,
            dropIn,
            staticPods,
            Path.of("/run/fuselage/fuselage.sock"),
            Path.of("/var/lib/fuselage"),
            true,
            inPod),
        () -> version);
  }

  private static Departure departure(long activeSnapshots, boolean forced) {
    return new Departure(activeSnapshots, false, forced);
  }

  private void main(String text) throws IOException {
    Files.writeString(main, text);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void writesNothingUnlessAsked() throws IOException {
    main("version = 3\n" + IMPORT);

    assertThat(installer(Entrance.OFF).install()).isEqualTo(new Standing.Unasked());
    assertThat(files()).containsExactly("config.toml");
  }

  @Test
  void aHandlerIsMadeLikeTheDefaultOneForPodsThatAskForIt() throws IOException {
    main(
        "version = 3\n"
            + IMPORT
            + """
            [plugins.'io.containerd.cri.v1.images']
              snapshotter = 'native'
            [plugins.'io.containerd.cri.v1.runtime'.containerd]
              default_runtime_name = 'crun'
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun]
              runtime_type = 'io.containerd.runc.v2'
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.crun.options]
              BinaryName = "/usr/bin/crun"
              SystemdCgroup = true
            """);

    assertThat(installer(Entrance.RUNTIME_CLASS).install()).isEqualTo(new Standing.Complete());
    assertThat(dropIn)
        .hasContent(
            """
            # Written by Fuselage, and removed by it.
            # What is changed here is overwritten.
            version = 3

            [proxy_plugins.fuselage]
            type = "snapshot"
            address = "/run/fuselage/fuselage.sock"
            capabilities = ["remap-ids"]

            [proxy_plugins.fuselage.exports]
            root = "/var/lib/fuselage"

            [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.fuselage]
            runtime_type = "io.containerd.runc.v2"
            snapshotter = "fuselage"

            [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.fuselage.options]
            BinaryName = "/usr/bin/crun"
            SystemdCgroup = true

            [plugins."io.containerd.cri.v1.images".runtime_platforms.fuselage]
            platform = "linux"
            snapshotter = "fuselage"

            [[plugins."io.containerd.transfer.v1.local".unpack_config]]
            platform = "linux"
            snapshotter = "native"

            [[plugins."io.containerd.transfer.v1.local".unpack_config]]
            platform = "linux"
            snapshotter = "fuselage"
            """);
  }

  @Test
  void theDefaultHandlerIsOursAndAnotherKeepsTheSnapshotterOfBefore() throws IOException {
    main("version = 3\n" + IMPORT);

    assertThat(installer(Entrance.DEFAULT_SNAPSHOTTER).install())
        .isEqualTo(new Standing.Complete());
    Configuration written = Configuration.read(dropIn, main);
    Sections sections = Sections.of(3);
    assertThat(written.at(sections.runtime("runc")).path("snapshotter").asText())
        .isEqualTo("fuselage");
    assertThat(written.at(sections.runtime("fuselage-bootstrap")).path("snapshotter").asText())
        .isEqualTo("overlayfs");
    assertThat(written.at(sections.snapshotter()).isMissingNode()).isTrue();
  }

  @Test
  void theDropInHasTheVersionOfItsMainFile() throws IOException {
    main("version = 2\n" + IMPORT);

    installer(Entrance.RUNTIME_CLASS).install();

    assertThat(Files.readString(dropIn))
        .contains("version = 2\n")
        .contains("[plugins.\"io.containerd.grpc.v1.cri\".containerd.runtimes.fuselage]");
  }

  @Test
  void whatOtherFilesUnpackForIsRepeated() throws IOException {
    main("version = 3\n" + IMPORT);
    Files.createDirectories(dropIn.getParent());
    Files.writeString(
        dropIn.resolveSibling("nydus.toml"),
        """
        version = 3
        [[plugins.'io.containerd.transfer.v1.local'.unpack_config]]
          platform = "linux/amd64"
          snapshotter = "nydus"
        """);

    installer(Entrance.RUNTIME_CLASS).install();

    assertThat(Files.readString(dropIn))
        .contains("platform = \"linux/amd64\"\nsnapshotter = \"nydus\"")
        .doesNotContain("overlayfs");
  }

  @Test
  void oneThatIsRightIsLeftAlone() throws IOException {
    main("version = 3\n" + IMPORT);
    installer(Entrance.RUNTIME_CLASS).install();
    FileTime time = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    Files.setLastModifiedTime(dropIn, time);

    installer(Entrance.RUNTIME_CLASS).install();

    assertThat(Files.getLastModifiedTime(dropIn)).isEqualTo(time);
  }

  @Test
  void saysWhatToAddWhereNothingImportsIt() throws IOException {
    main("version = 3\n");

    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> {
              assertThat(waiting.reason()).isEqualTo("NotImported");
              assertThat(waiting.message())
                  .contains(main.toString())
                  .contains("imports = [\"%s/*.toml\"]".formatted(dropIn.getParent()));
            });
    assertThat(dropIn).exists();
  }

  @Test
  void aMainFileThatIsMissingIsToBeWrittenByTheAdmin() throws IOException {
    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> assertThat(waiting.message()).contains("version = 3\nimports = ["));
    assertThat(files()).isEmpty();
  }

  @Test
  void ofContainerd17TheAdminAddsTheHandler() throws IOException {
    version = ContainerdVersion.of("1.7.24");
    main("version = 2\n" + IMPORT);

    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> {
              assertThat(waiting.reason()).isEqualTo("LinesMissing");
              assertThat(waiting.message()).contains("containerd.runtimes.fuselage]");
            });
    assertThat(Files.readString(dropIn)).doesNotContain("[plugins");

    main(
        "version = 2\n"
            + IMPORT
            + """
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.fuselage]
              runtime_type = "io.containerd.runc.v2"
              snapshotter = "fuselage"
            """);
    assertThat(installer(Entrance.RUNTIME_CLASS).install()).isEqualTo(new Standing.Complete());
  }

  @Test
  void containerd16KnowsNoSnapshotterByRuntime() throws IOException {
    version = ContainerdVersion.of("1.6.20~ds1");
    main("version = 2\n" + IMPORT);

    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> {
              assertThat(waiting.reason()).isEqualTo("RuntimeClassNotSupported");
              assertThat(waiting.message()).contains("use default-snapshotter, or");
            });
    assertThat(Files.readString(dropIn)).doesNotContain("remap-ids");

    inPod = true;
    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting ->
                assertThat(waiting.message())
                    .contains("a service of the host")
                    .doesNotContain("default-snapshotter"));
  }

  /** It would need itself to be made again: containerd 1.x lets nothing keep the one of before. */
  @ParameterizedTest
  @ValueSource(strings = {"1.6.20~ds1", "1.7.24"})
  void ofContainerd1APodIsNotMadeTheDefault(String one) throws IOException {
    version = ContainerdVersion.of(one);
    main("version = 2\n" + IMPORT);
    inPod = true;

    assertThat(installer(Entrance.DEFAULT_SNAPSHOTTER).install())
        .isInstanceOfSatisfying(
            Standing.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo("DefaultNotSupported");
              assertThat(refused.message()).contains("2.0 or later");
            });
    assertThat(dropIn).doesNotExist();

    inPod = false;
    assertThat(installer(Entrance.DEFAULT_SNAPSHOTTER).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> assertThat(waiting.message()).contains("snapshotter = \"fuselage\""));
  }

  @Test
  void staticPodsCouldNotStartOnTheDefaultSnapshotter() throws IOException {
    main("version = 3\n" + IMPORT);
    Files.createFile(staticPods.resolve("kube-apiserver.yaml"));

    assertThat(installer(Entrance.DEFAULT_SNAPSHOTTER).install())
        .isInstanceOfSatisfying(
            Standing.Refused.class,
            refused -> assertThat(refused.message()).contains("kube-apiserver.yaml"));
    assertThat(dropIn).doesNotExist();
    assertThat(installer(Entrance.RUNTIME_CLASS).install()).isEqualTo(new Standing.Complete());
  }

  @Test
  void aFileOfOthersIsNeverOverwrittenNorRemoved() throws IOException {
    main("version = 3\n" + IMPORT);
    Files.createDirectories(dropIn.getParent());
    Files.writeString(dropIn, "version = 3\n");

    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo("ForeignFile"));
    assertThat(installer(Entrance.RUNTIME_CLASS).remove(departure(0, true)))
        .isEqualTo(new Removal.Gone());
    assertThat(dropIn).hasContent("version = 3");
  }

  @Test
  void aVersionThatNobodyTellsOrKnowsIsRefused() throws IOException {
    main("imports = []\n");
    assertThat(reason(installer(Entrance.RUNTIME_CLASS).install())).isEqualTo("VersionUnknown");

    main("version = 3\n");
    version = Optional.empty();
    assertThat(reason(installer(Entrance.RUNTIME_CLASS).install())).isEqualTo("VersionUnknown");
    assertThat(dropIn).doesNotExist();
  }

  @Test
  void aMainFileThatIsNoTomlIsNamed() throws IOException {
    main("version = \n");

    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Refused.class,
            refused -> assertThat(refused.message()).contains(main.toString()));
  }

  private static String reason(Standing standing) {
    return standing instanceof Standing.Refused(String reason, String _) ? reason : "";
  }

  @Test
  void theRuntimeClassGoesAtOnceWhenNothingIsLeft() throws IOException {
    main("version = 3\n" + IMPORT);
    Installer installer = installer(Entrance.RUNTIME_CLASS);
    installer.install();

    assertThat(installer.remove(departure(1, false)))
        .isInstanceOfSatisfying(
            Removal.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo("ActiveSnapshots"));
    assertThat(installer.remove(departure(0, false))).isEqualTo(new Removal.Gone());
    assertThat(files()).containsExactly("config.toml");
    assertThat(installer.remove(departure(0, false))).isEqualTo(new Removal.Gone());
  }

  @Test
  void theDefaultGoesInTwoSteps() throws IOException {
    main("version = 3\n" + IMPORT);
    Installer installer = installer(Entrance.DEFAULT_SNAPSHOTTER);
    installer.install();

    assertThat(installer.remove(departure(7, false))).isEqualTo(new Removal.Shrunk());
    assertThat(Files.readString(dropIn))
        .contains("[proxy_plugins.fuselage]")
        .doesNotContain("snapshotter = \"fuselage\"");
    assertThat(installer.remove(departure(7, false))).isInstanceOf(Removal.Refused.class);
    assertThat(installer.remove(departure(0, false))).isEqualTo(new Removal.Gone());
  }

  /** Our own pod runs by it, and may have to be started again before all is done. */
  @Test
  void ofTheHandlersTheBootstrapOneStaysUntilTheSecondStep() throws IOException {
    main(
        "version = 3\n"
            + IMPORT
            + """
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
              runtime_type = 'io.containerd.runc.v2'
            [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
              SystemdCgroup = true
            """);
    Installer installer = installer(Entrance.DEFAULT_SNAPSHOTTER);
    installer.install();
    Sections sections = Sections.of(3);
    JsonNode whole = Configuration.read(dropIn, main).at(sections.runtime("fuselage-bootstrap"));

    installer.remove(departure(7, false));

    Configuration left = Configuration.read(dropIn, main);
    assertThat(left.at(sections.runtime("fuselage-bootstrap"))).isEqualTo(whole);
    assertThat(whole.at("/options/SystemdCgroup").asBoolean()).isTrue();
    assertThat(left.at(sections.runtime("fuselage")).isMissingNode()).isTrue();
    assertThat(left.at(sections.runtime("runc")).isMissingNode()).isTrue();
  }

  @Test
  void anotherProcessKnowsThatTheFirstStepIsDoneAndLeavesItSo() throws IOException {
    main("version = 3\n" + IMPORT);
    installer(Entrance.DEFAULT_SNAPSHOTTER).install();
    installer(Entrance.DEFAULT_SNAPSHOTTER).remove(departure(7, false));
    String shrunk = Files.readString(dropIn);

    Installer restarted = installer(Entrance.DEFAULT_SNAPSHOTTER);

    assertThat(restarted.install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> {
              assertThat(waiting.reason()).isEqualTo("Leaving");
              assertThat(waiting.message())
                  .contains("drain the node and start containerd again")
                  .contains("take the annotation fuselage.dev/uninstall off");
            });
    assertThat(dropIn).hasContent(shrunk);
    assertThat(restarted.remove(departure(0, false))).isEqualTo(new Removal.Gone());
  }

  @Test
  void whatWasOnItsWayOutIsWholeAgainWhenNobodyAsksForThatAnyMore() throws IOException {
    main("version = 3\n" + IMPORT);
    installer(Entrance.DEFAULT_SNAPSHOTTER).install();
    String whole = Files.readString(dropIn);
    installer(Entrance.DEFAULT_SNAPSHOTTER).remove(departure(7, false));

    Installer restarted = installer(Entrance.DEFAULT_SNAPSHOTTER);

    assertThat(restarted.stay()).contains(new Standing.Complete());
    assertThat(dropIn).hasContent(whole);
    assertThat(restarted.install()).isEqualTo(new Standing.Complete());
    assertThat(restarted.stay()).isEmpty();
  }

  @Test
  void anAdminWhoDeletesWhatIsOnItsWayOutGetsItWholeAgain() throws IOException {
    main("version = 3\n" + IMPORT);
    Installer installer = installer(Entrance.DEFAULT_SNAPSHOTTER);
    installer.install();
    installer.remove(departure(7, false));

    Files.delete(dropIn);

    assertThat(installer.install()).isEqualTo(new Standing.Complete());
    assertThat(Files.readString(dropIn)).contains("snapshotter = \"fuselage\"");
  }

  @Test
  void theRestStaysUntilContainerdWasStartedAgainUnlessForced() throws IOException {
    main("version = 3\n" + IMPORT);
    Installer installer = installer(Entrance.DEFAULT_SNAPSHOTTER);
    installer.install();
    installer.remove(new Departure(0, true, false));

    assertThat(installer.remove(new Departure(0, true, false))).isEqualTo(new Removal.Shrunk());
    assertThat(dropIn).exists();
    assertThat(installer.remove(new Departure(0, true, true))).isEqualTo(new Removal.Gone());
  }

  @Test
  void withoutAFileOfOursAnAdminsOwnThatNamesUsIsStillLookedFor() throws IOException {
    main("version = 3\n" + IMPORT);
    Files.createDirectories(dropIn.getParent());
    Files.writeString(
        dropIn,
        """
        version = 3
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.fuselage]
          snapshotter = "fuselage"
        """);

    assertThat(installer(Entrance.OFF).remove(departure(0, true)))
        .isInstanceOfSatisfying(
            Removal.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo("NamedElsewhere");
              assertThat(refused.message()).contains(dropIn.toString());
            });

    Files.delete(dropIn);
    assertThat(installer(Entrance.OFF).remove(departure(0, false))).isEqualTo(new Removal.Gone());
  }

  @Test
  void withoutAFileOfOursContainersAreStillInTheWay() throws IOException {
    main("version = 3\n" + IMPORT);

    assertThat(installer(Entrance.OFF).remove(departure(1, false)))
        .isInstanceOfSatisfying(
            Removal.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo("ActiveSnapshots"));
    assertThat(installer(Entrance.OFF).remove(departure(1, true))).isEqualTo(new Removal.Gone());
  }

  @Test
  void forcedItGoesWithSnapshotsLeft() throws IOException {
    main("version = 3\n" + IMPORT);
    Installer installer = installer(Entrance.DEFAULT_SNAPSHOTTER);
    installer.install();

    assertThat(installer.remove(departure(7, true))).isEqualTo(new Removal.Gone());
    assertThat(dropIn).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OFF")
  void staysWhileAnotherFileNamesUsWhoeverForcesIt(Entrance entrance) throws IOException {
    main(
        "version = 3\n"
            + IMPORT
            + "[plugins.'io.containerd.cri.v1.images']\nsnapshotter = 'fuselage'\n");
    Installer installer = installer(entrance);
    installer.install();

    assertThat(installer.remove(departure(0, true)))
        .isInstanceOfSatisfying(
            Removal.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo("NamedElsewhere");
              assertThat(refused.message()).contains(main.toString());
            });
    assertThat(dropIn).exists();
  }

  private static final String UNPACKING =
      """
      version = 3
      [[plugins.'io.containerd.transfer.v1.local'.unpack_config]]
        platform = "linux"
        snapshotter = "overlayfs"
      """;

  /** A pull for us would fail with "no unpack platforms defined". */
  @Test
  void aLaterFileThatTakesBackWhatWeUnpackForIsNamed() throws IOException {
    main("version = 3\n" + IMPORT);
    Files.createDirectories(dropIn.getParent());
    Path later = Files.writeString(dropIn.resolveSibling("zz.toml"), UNPACKING);

    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isEqualTo(
            new Standing.Waiting(
                "Overridden",
                "%s is read after %s, and what it says of plugins.\"io.containerd.transfer.v1.local\".unpack_config holds instead: take that out there, or give that file a name or a place in `imports` before ours"
                    .formatted(later, dropIn)));

    Files.move(later, dropIn.resolveSibling("aa.toml"));
    assertThat(installer(Entrance.RUNTIME_CLASS).install()).isEqualTo(new Standing.Complete());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        [proxy_plugins.fuselage]
          type = "snapshot"
          address = "/run/other.sock"
        """,
        """
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.fuselage]
          snapshotter = "overlayfs"
        """,
        """
        [plugins.'io.containerd.cri.v1.images'.runtime_platforms.fuselage]
          snapshotter = "overlayfs"
        """,
        """
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.fuselage-bootstrap]
          snapshotter = "fuselage"
        """
      })
  void aLaterFileThatTakesBackASnapshotterIsNamed(String text) throws IOException {
    main("version = 3\n" + IMPORT);
    Files.createDirectories(dropIn.getParent());
    Path later = Files.writeString(dropIn.resolveSibling("zz.toml"), "version = 3\n" + text);

    assertThat(installer(Entrance.DEFAULT_SNAPSHOTTER).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> {
              assertThat(waiting.reason()).isEqualTo("Overridden");
              assertThat(waiting.message()).startsWith(later + " is read after " + dropIn);
            });
  }

  /** It is for an admin to say how his containers are run, and to unpack for others, too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.fuselage.options]
          SystemdCgroup = true
        """,
        """
        [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
          SystemdCgroup = true
        """,
        """
        [plugins.'io.containerd.cri.v1.runtime'.containerd]
          default_runtime_name = "crun"
        """,
        """
        [[plugins.'io.containerd.transfer.v1.local'.unpack_config]]
          platform = "linux"
          snapshotter = "fuselage"
        """,
        """
        [proxy_plugins.other]
          type = "snapshot"
          address = "/run/other.sock"
        """
      })
  void whatALaterFileSaysBesideOursIsLeftAlone(String text) throws IOException {
    main("version = 3\n" + IMPORT);
    Files.createDirectories(dropIn.getParent());
    Files.writeString(dropIn.resolveSibling("zz.toml"), "version = 3\n" + text);

    assertThat(installer(Entrance.DEFAULT_SNAPSHOTTER).install())
        .isEqualTo(new Standing.Complete());
  }

  @Test
  void ofContainerd1TheProxyPluginMayBeTakenBackAsWell() throws IOException {
    version = ContainerdVersion.of("1.7.28");
    main("version = 2\n" + IMPORT);
    Files.createDirectories(dropIn.getParent());
    Files.writeString(
        dropIn.resolveSibling("zz.toml"),
        """
        version = 2
        [proxy_plugins.fuselage]
          type = "snapshot"
          address = "/run/other.sock"
        """);

    assertThat(installer(Entrance.RUNTIME_CLASS).install())
        .isInstanceOfSatisfying(
            Standing.Waiting.class,
            waiting -> assertThat(waiting.reason()).isEqualTo("Overridden"));
  }

  @Test
  void whatContainerdRunsWithIsComparedAsFarAsItTells() {
    Installer installer = installer(Entrance.RUNTIME_CLASS);

    assertThat(installer.difference(Map.of("address", "/run/fuselage/fuselage.sock"))).isEmpty();
    assertThat(
            installer.difference(
                Map.of("address", "/run/fuselage/fuselage.sock", "root", "/var/lib/fuselage")))
        .isEmpty();
    assertThat(installer.difference(Map.of("address", "/run/other.sock")))
        .hasValue("it runs with the socket /run/other.sock, not /run/fuselage/fuselage.sock");
    assertThat(
            installer.difference(Map.of("address", "/run/fuselage/fuselage.sock", "root", "/data")))
        .hasValue("it runs with the root /data, not /var/lib/fuselage");
    assertThat(installer.difference(Map.of())).hasValue("it has no proxy plugin fuselage");
  }
}
