package dev.fuselage.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ViewReaderTest {
  private static final String SNAPSHOT = "containerd.io/gc.ref.snapshot.fuselage";

  private final FakeContainerd containerd = new FakeContainerd();
  private final ViewReader reader = new ViewReader(containerd);

  @Test
  void aContainerOfKubernetesIsItsPods() {
    containerd.containers.add(
        new ContainerdApi.ContainerRecord(
            "c1",
            "example/web:1",
            "fuselage",
            "c1",
            Map.of(
                "io.kubernetes.pod.name", "web-0",
                "io.kubernetes.pod.namespace", "shop",
                "io.kubernetes.pod.uid", "u1",
                "io.kubernetes.container.name", "web")));

    assertThat(reader.read().containers())
        .containsExactly(
            new View.Container(
                new ContainerdKey("k8s.io", "c1"),
                "c1",
                "example/web:1",
                Optional.of(new View.Pod("shop", "web-0", "u1"))));
  }

  @Test
  void aContainerOfAnotherSnapshotterIsNotOurs() {
    containerd.containers.add(
        new ContainerdApi.ContainerRecord("c1", "", "overlayfs", "c1", Map.of()));

    assertThat(reader.read().containers()).isEmpty();
  }

  @Test
  void anImageStandsOnTheLayerThatItsConfigIsLabelledWith() {
    image("example/web:1", "sha256:index");

    assertThat(reader.read().images())
        .containsExactly(
            new View.Image(List.of("example/web:1"), new ContainerdKey("k8s.io", "sha256:top")));
  }

  @Test
  void anImageOfSeveralNamesIsOneWithTheNameThatTellsMost() {
    image("sha256:id", "sha256:index");
    image("example/web@sha256:index", "sha256:index");
    image("example/web:1", "sha256:index");

    assertThat(reader.read().images())
        .extracting(View.Image::names)
        .containsExactly(List.of("example/web:1", "example/web@sha256:index", "sha256:id"));
  }

  @Test
  void whatAnImageRefersToIsReadOnce() {
    image("example/web:1", "sha256:index");
    reader.read();
    int asked = containerd.asked;

    assertThat(reader.read().images()).hasSize(1);
    assertThat(containerd.asked).isEqualTo(asked);
  }

  @Test
  void anImageThatIsNotUnpackedHereOwnsNothing() {
    image("example/web:1", "sha256:index");
    containerd.blobs.put("sha256:config", Map.of());

    assertThat(reader.read().images()).isEmpty();
  }

  @Test
  void aLeaseKeepsSnapshotsOfOursAlone() {
    containerd.leased.add(new ContainerdApi.Resource("snapshots/fuselage", "extract-1"));
    containerd.leased.add(new ContainerdApi.Resource("snapshots/overlayfs", "extract-2"));
    containerd.leased.add(new ContainerdApi.Resource("content", "sha256:a"));

    assertThat(reader.read().leased()).containsExactly(new ContainerdKey("k8s.io", "extract-1"));
  }

  private void image(String name, String target) {
    containerd.images.add(new ContainerdApi.ImageRecord(name, target));
    containerd.blobs.put(target, Map.of("containerd.io/gc.ref.content.m.0", "sha256:manifest"));
    containerd.blobs.put(
        "sha256:manifest",
        Map.of(
            "containerd.io/gc.ref.content.config", "sha256:config",
            "containerd.io/gc.ref.content.l.0", "sha256:layer"));
    containerd.blobs.put("sha256:config", Map.of(SNAPSHOT, "sha256:top"));
  }

  private static final class FakeContainerd implements ContainerdApi {
    private final List<ContainerRecord> containers = new ArrayList<>();
    private final List<ImageRecord> images = new ArrayList<>();
    private final Map<String, Map<String, String>> blobs = new HashMap<>();
    private final List<Resource> leased = new ArrayList<>();
    private int asked;

    @Override
    public String version() {
      return "v2.2.9";
    }

    @Override
    public Map<String, String> snapshotter(String name) {
      return Map.of();
    }

    @Override
    public List<String> namespaces() {
      return List.of("k8s.io");
    }

    @Override
    public void containers(String namespace, Consumer<ContainerRecord> each) {
      containers.forEach(each);
    }

    @Override
    public void images(String namespace, Consumer<ImageRecord> each) {
      images.forEach(each);
    }

    @Override
    public void contents(String namespace, String filter, Consumer<ContentRecord> each) {
      assertThat(filter).isEqualTo("labels.\"" + SNAPSHOT + "\"");
      blobs.forEach(
          (digest, labels) -> {
            if (labels.containsKey(SNAPSHOT)) {
              each.accept(new ContentRecord(digest, labels));
            }
          });
    }

    @Override
    public Optional<ContentRecord> content(String namespace, String digest) {
      asked++;
      return Optional.ofNullable(blobs.get(digest))
          .map(labels -> new ContentRecord(digest, labels));
    }

    @Override
    public void leasedResources(String namespace, Consumer<Resource> each) {
      leased.forEach(each);
    }

    @Override
    public boolean knows(String namespace, String key) {
      throw new AssertionError("a reader asks for no single snapshot");
    }

    @Override
    public void subscribe(List<String> filters, Runnable changed, Runnable ended) {
      throw new AssertionError("a reader does not subscribe");
    }
  }
}
