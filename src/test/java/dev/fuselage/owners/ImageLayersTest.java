package dev.fuselage.owners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.fuselage.admin.Layers;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.containerd.ContainerdKey;
import dev.fuselage.containerd.View;
import dev.fuselage.overlay.OwnedRoot;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageLayersTest {
  @TempDir private Path directory;

  private OwnedRoot root;
  private ImageLayers layers;
  private Optional<View> view = Optional.empty();

  @BeforeEach
  void open() throws Exception {
    root = OwnedRoot.open(directory.resolve("root"));
    layers = new ImageLayers(root.store(), () -> view);
    layer("1/sha256:base", "", 90_000, Labels.NONE);
    layer("2/sha256:one", "1/sha256:base", 10_000, labelled("one:1"));
    layer("3/sha256:two", "1/sha256:base", 20_000, Labels.NONE);
  }

  @AfterEach
  void close() {
    root.close();
  }

  private void layer(String name, String parent, int bytes, Labels labels) throws IOException {
    String working = "k8s.io/0/extract " + name;
    root.snapshotter()
        .prepare(Call.PATIENT, working, parent.isEmpty() ? "" : "k8s.io/" + parent, Labels.NONE);
    root.write(working, bytes);
    root.snapshotter().commit(Call.PATIENT, "k8s.io/" + name, working, Optional.empty(), labels);
  }

  private static Labels labelled(String image) {
    return Labels.of(Map.of("containerd.io/snapshot/cri.image-ref", image));
  }

  private void see(String... tops) {
    view =
        Optional.of(
            new View(
                List.of(),
                List.of(tops).stream()
                    .map(
                        top ->
                            new View.Image(
                                List.of(top + ":1"), new ContainerdKey("k8s.io", "sha256:" + top)))
                    .toList(),
                Set.of()));
  }

  private static Owner image(String name) {
    return new Owner(OwnerKind.IMAGE, "k8s.io", name);
  }

  @Test
  void anImageIsMadeOfAllLayersBelowItsTopAndTellsWhichOthersNeed() {
    see("one", "two");

    assertThat(layers.of(image("one:1")))
        .extracting(Layers.Layer::key, Layers.Layer::images)
        .containsExactly(tuple("k8s.io/1/sha256:base", 2), tuple("k8s.io/2/sha256:one", 1));
  }

  @Test
  void whatIsSharedAreTheLayersOfSeveralImages() {
    see("one", "two");
    assertThat(layers.of(Owner.SHARED))
        .extracting(Layers.Layer::key)
        .containsExactly("k8s.io/1/sha256:base");

    see("one");
    assertThat(layers.of(Owner.SHARED)).isEmpty();
  }

  @Test
  void ofAnImageThatNobodyKnowsThereAreNone() {
    see("one");

    assertThat(layers.of(image("two:1"))).isEmpty();
  }

  @Test
  void withoutContainerdLabelsTellWhatALayerIsOf() {
    assertThat(layers.of(image("one:1")))
        .extracting(Layers.Layer::key)
        .containsExactly("k8s.io/2/sha256:one");
  }
}
