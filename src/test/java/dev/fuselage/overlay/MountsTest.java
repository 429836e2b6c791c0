package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fuselage.overlay.SnapshotDirectories.Owner;
import dev.fuselage.snapshot.Ancestry;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Snapshot;
import dev.fuselage.snapshot.SnapshotId;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountsTest {
  private static final Labels MAPPED =
      Labels.of(
          Map.of(
              Labels.UID_MAPPING, "0:100000:65536,65536:1:10",
              Labels.GID_MAPPING, "0:200000:65536"));

  @TempDir Path path;
  private Root root;

  @BeforeEach
  void open() throws RootException {
    root = Root.open(path);
  }

  @AfterEach
  void close() {
    root.close();
  }

  private Mounts mounts(Driver driver, String... options) {
    return mounts(new MountSettings(driver, List.of(options), true, true, true));
  }

  private Mounts mounts(MountSettings settings) {
    return new Mounts(settings, new SnapshotDirectories(root, SyncMode.METADATA));
  }

  private static Ancestry upon(long... ids) {
    return ids.length == 0
        ? Ancestry.NONE
        : new Ancestry("parent", LongStream.of(ids).mapToObj(SnapshotId::new).toList());
  }

  private static Snapshot.Active active(Labels labels, long... ids) {
    return active("key", labels, ids);
  }

  private static Snapshot.Active active(String key, Labels labels, long... ids) {
    return new Snapshot.Active(
        new SnapshotId(9), key, upon(ids), labels, Instant.EPOCH, Instant.EPOCH);
  }

  private static Snapshot.View view(Labels labels, long... ids) {
    return new Snapshot.View(
        new SnapshotId(9), "key", upon(ids), labels, Instant.EPOCH, Instant.EPOCH);
  }

  private Mount mount(String type, String source, String... options) {
    return new Mount(
        type,
        source.replace("$", path + "/snapshots"),
        List.of(options).stream().map(option -> option.replace("$", path + "/snapshots")).toList());
  }

  @ParameterizedTest
  @EnumSource
  void bindsTheDirectoryOfASnapshotWithoutParent(Driver driver) {
    assertThat(mounts(driver).of(active(Labels.NONE)))
        .containsExactly(mount("bind", "$/9/fs", "rw", "rbind"));
    assertThat(mounts(driver).of(view(Labels.NONE)))
        .containsExactly(mount("bind", "$/9/fs", "ro", "rbind"));
  }

  @ParameterizedTest
  @EnumSource
  void bindsTheOnlyParentOfAView(Driver driver) {
    assertThat(mounts(driver).of(view(Labels.NONE, 4)))
        .containsExactly(mount("bind", "$/4/fs", "ro", "rbind"));
  }

  @Test
  void laysLayersOutForFuseOverlayfsNearestFirst() {
    assertThat(mounts(Driver.FUSE_OVERLAYFS).of(active(Labels.NONE, 4, 2, 1)))
        .containsExactly(
            mount(
                "fuse3.fuse-overlayfs",
                "overlay",
                "workdir=$/9/work",
                "upperdir=$/9/fs",
                "lowerdir=$/4/fs:$/2/fs:$/1/fs"));
    assertThat(mounts(Driver.FUSE_OVERLAYFS).of(view(Labels.NONE, 4, 2)))
        .containsExactly(mount("fuse3.fuse-overlayfs", "overlay", "lowerdir=$/4/fs:$/2/fs"));
  }

  @Test
  void laysLayersOutForTheKernelNearestFirst() {
    assertThat(mounts(Driver.OVERLAYFS).of(active(Labels.NONE, 4, 2)))
        .containsExactly(
            mount(
                "overlay",
                "overlay",
                "workdir=$/9/work",
                "upperdir=$/9/fs",
                "lowerdir=$/4/fs:$/2/fs",
                "index=off",
                "userxattr"));
  }

  @Test
  void tellsTheKernelNothingItDoesNotNeed() {
    MountSettings plain = new MountSettings(Driver.OVERLAYFS, List.of(), false, false, false);

    assertThat(mounts(plain).of(view(Labels.NONE, 4, 2)))
        .containsExactly(mount("overlay", "overlay", "lowerdir=$/4/fs:$/2/fs"));
  }

  @Test
  void mapsIdsInTheWordsOfFuseOverlayfs() {
    assertThat(mounts(Driver.FUSE_OVERLAYFS).of(active(MAPPED, 4, 2)))
        .containsExactly(
            mount(
                "fuse3.fuse-overlayfs",
                "overlay",
                "workdir=$/9/work",
                "upperdir=$/9/fs",
                "lowerdir=$/4/fs:$/2/fs",
                "uidmapping=0:100000:65536:65536:1:10",
                "gidmapping=0:200000:65536"));
    assertThat(mounts(Driver.FUSE_OVERLAYFS).of(active(MAPPED)))
        .containsExactly(mount("bind", "$/9/fs", "rw", "rbind"));
  }

  @Test
  void mapsIdsInTheWordsOfTheKernel() {
    assertThat(mounts(Driver.OVERLAYFS).of(active(MAPPED, 4)))
        .containsExactly(
            mount(
                "overlay",
                "overlay",
                "uidmap=0:100000:65536,65536:1:10",
                "gidmap=0:200000:65536",
                "workdir=$/9/work",
                "upperdir=$/9/fs",
                "lowerdir=$/4/fs",
                "index=off",
                "userxattr"));
    assertThat(mounts(Driver.OVERLAYFS).of(view(MAPPED, 4)))
        .containsExactly(
            mount(
                "bind",
                "$/4/fs",
                "uidmap=0:100000:65536,65536:1:10",
                "gidmap=0:200000:65536",
                "ro",
                "rbind"));
  }

  @ParameterizedTest
  @EnumSource
  void ignoresMappingsWhereRemappingIsNotAdvertised(Driver driver) {
    Mounts mounts = mounts(new MountSettings(driver, List.of(), false, false, false));

    assertThat(mounts.of(active(MAPPED, 4)))
        .singleElement()
        .satisfies(
            mount -> assertThat(mount.options()).noneMatch(option -> option.contains("map")));
    assertThat(mounts.mappedRoot(MAPPED, true)).isEmpty();
    assertThat(mounts.mappedRoot(MAPPED, false)).isEmpty();
  }

  @Test
  void givesADirectoryToTheMappedRootOnlyWhereNothingElseMapsIt() {
    Owner mappedRoot = new Owner(100000, 200000);

    assertThat(mounts(Driver.FUSE_OVERLAYFS).mappedRoot(MAPPED, false)).contains(mappedRoot);
    assertThat(mounts(Driver.FUSE_OVERLAYFS).mappedRoot(MAPPED, true)).isEmpty();
    assertThat(mounts(Driver.OVERLAYFS).mappedRoot(MAPPED, true)).contains(mappedRoot);
    assertThat(mounts(Driver.OVERLAYFS).mappedRoot(MAPPED, false)).isEmpty();
  }

  @Test
  void leavesTheOwnerAloneWhereRootIsNotMapped() {
    Labels withoutRoot =
        Labels.of(Map.of(Labels.UID_MAPPING, "1:100000:10", Labels.GID_MAPPING, "0:1:1"));

    assertThat(mounts(Driver.OVERLAYFS).mappedRoot(withoutRoot, true)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void appendsConfiguredOptionsToOverlaysAlone(Driver driver) {
    Mounts mounts = mounts(driver, "noatime", "index=on");

    assertThat(mounts.of(active(Labels.NONE, 4)).getFirst().options())
        .endsWith("noatime", "index=on")
        .doesNotContain("index=off");
    assertThat(mounts.of(active(Labels.NONE)).getFirst().options()).containsExactly("rw", "rbind");
  }

  @Test
  void doesNotMakeTheUnpackingOfALayerVolatile() {
    Mounts mounts = mounts(Driver.OVERLAYFS, "volatile", "noatime");

    assertThat(
            mounts.of(active("k8s.io/5/extract-1 sha256:a", Labels.NONE, 4)).getFirst().options())
        .contains("noatime")
        .doesNotContain("volatile");
    assertThat(mounts.of(active("k8s.io/6/container", Labels.NONE, 4)).getFirst().options())
        .contains("volatile");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a,b",
        "a b",
        "a\nb",
        "a:b",
        "a\\b",
        "lowerdir=/etc",
        "upperdir",
        "workdir=/x",
        "ro",
        "rw",
        "uidmapping=0:0:1",
        "gidmap=0:0:1",
        "x=\"y\"",
        "ä"
      })
  void refusesAnOptionThatIsOursOrWouldEndItself(String option) {
    assertThatThrownBy(
            () -> new MountSettings(Driver.OVERLAYFS, List.of(option), false, false, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + option + "'");
  }
}
