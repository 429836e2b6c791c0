package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.containerd.ContainerdWatch;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real containerd tells of the proxy plugin that it runs with. */
class ProxyPluginIT {
  @RegisterExtension private final Workspace workspace = new Workspace();

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void itTellsBySocketAndMostlyByRootWhichOneItIs(int major) throws Exception {
    Installation fuselage = Installation.in(workspace.path(), workspace, Parts.launcher());
    try (Service service = fuselage.start();
        Containerd containerd =
            Containerd.start(workspace, Containerd.programs(major), workspace.path(), fuselage);
        ContainerdWatch watch =
            ContainerdWatch.of(
                workspace.resolve("containerd.sock"), ContainerdWatch.Settings.DEFAULT)) {
      Optional<Map<String, String>> plugin = watch.snapshotter("fuselage");

      assertThat(plugin).as(service.log()).isPresent();
      assertThat(plugin.get()).containsEntry("address", fuselage.socket().toString());
      if (containerd.isSecond()) {
        assertThat(plugin.get()).containsEntry("root", fuselage.root().toString());
      }
      assertThat(watch.snapshotter("another")).hasValue(Map.of());
    }
    try (ContainerdWatch watch =
        ContainerdWatch.of(workspace.resolve("nobody.sock"), ContainerdWatch.Settings.DEFAULT)) {
      assertThat(watch.snapshotter("fuselage")).isEmpty();
    }
  }
}
