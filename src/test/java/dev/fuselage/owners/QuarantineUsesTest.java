package dev.fuselage.owners;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuarantineUsesTest {
  private static final Quarantine.Entry DAMAGED =
      new Quarantine.Entry(
          new SnapshotId(1),
          "k8s.io/1/sha256:base",
          Optional.of(Kind.COMMITTED),
          "damaged",
          List.of("k8s.io/2/sha256:top", "k8s.io/9/web", "k8s.io/10/sidecar"));

  private final List<View.Container> containers = new ArrayList<>();
  private final List<View.Image> images = new ArrayList<>();
  private final List<String> released = new ArrayList<>();
  private boolean asked = true;
  private final Quarantine quarantine =
      new QuarantineUses(
          new Quarantine() {
            @Override
            public List<Entry> list() {
              return List.of(DAMAGED);
            }

            @Override
            public void release(String key) {
              released.add(key);
            }
          },
          () -> asked ? Optional.of(new View(containers, images, Set.of())) : Optional.empty());

  private void container(String namespace, String id, Optional<View.Pod> pod) {
    containers.add(new View.Container(new ContainerdKey(namespace, id), id, "", pod));
  }

  private List<Quarantine.Use> uses() {
    return quarantine.list().getFirst().uses();
  }

  @Test
  void anImageIsRemovedByAllOfItsNames() {
    images.add(
        new View.Image(
            List.of("example/web:1", "example/web@sha256:x"),
            new ContainerdKey("k8s.io", "sha256:top")));
    images.add(
        new View.Image(List.of("example/db:1"), new ContainerdKey("k8s.io", "sha256:other")));

    assertThat(uses())
        .containsExactly(
            new Quarantine.Use(
                new Owner(OwnerKind.IMAGE, "k8s.io", "example/web:1"),
                "ctr --namespace 'k8s.io' images rm --sync 'example/web:1'"
                    + " 'example/web@sha256:x'"));
  }

  /** A reference with a long host, path, tag and digest is longer than what people are shown. */
  @Test
  void anImageIsRemovedByItsWholeNameHoweverLong() {
    String name = "registry.example/" + "path/".repeat(120) + "web:1";
    images.add(new View.Image(List.of(name), new ContainerdKey("k8s.io", "sha256:top")));

    assertThat(uses())
        .containsExactly(
            new Quarantine.Use(
                new Owner(OwnerKind.IMAGE, "k8s.io", name.substring(0, 512)),
                "ctr --namespace 'k8s.io' images rm --sync '" + name + "'"));
  }

  @Test
  void anImageWhoseTopIsDamagedIsOneOfItsUses() {
    images.add(
        new View.Image(List.of("example/base:1"), new ContainerdKey("k8s.io", "sha256:base")));

    assertThat(uses()).hasSize(1);
  }

  @Test
  void aPodIsDeletedOnceAndBeforeImages() {
    Optional<View.Pod> pod = Optional.of(new View.Pod("shop", "web-0", "u"));
    images.add(new View.Image(List.of("example/web:1"), new ContainerdKey("k8s.io", "sha256:top")));
    container("k8s.io", "web", pod);
    container("k8s.io", "sidecar", pod);

    assertThat(uses())
        .extracting(use -> use.owner().kind())
        .containsExactly(OwnerKind.POD, OwnerKind.IMAGE);
    assertThat(uses().getFirst().command())
        .isEqualTo("kubectl --namespace 'shop' delete pod 'web-0'");
  }

  @Test
  void whatHasTheSameKeyInAnotherNamespaceIsNoUse() {
    container("default", "web", Optional.empty());

    assertThat(uses()).isEmpty();
  }

  @Test
  void aContainerOfNoPodIsRemovedWithItsTask() {
    container("k8s.io", "web", Optional.empty());

    assertThat(uses())
        .containsExactly(
            new Quarantine.Use(
                new Owner(OwnerKind.CONTAINER, "k8s.io", "web"),
                "ctr --namespace 'k8s.io' tasks rm --force 'web';"
                    + " ctr --namespace 'k8s.io' containers rm 'web'"));
  }

  @Test
  void withoutContainerdsWordNothingIsSaidOfUses() {
    asked = false;

    assertThat(quarantine.list()).containsExactly(DAMAGED);
  }

  @Test
  void releasesWhatItIsTold() {
    quarantine.release("key");

    assertThat(released).containsExactly("key");
  }
}
