package dev.fuselage.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/**
 * What our file in containerd's configuration says. All that names us stands in it, so that it goes
 * with the file: with the proxy plugin gone and something else naming it, the CRI plugin would not
 * load at containerd's next start.
 */
final class DropIn {
  /** By which we know our file again. */
  static final String MARK = "# Written by Fuselage, and removed by it.";

  /** By which we know again, also after a restart, that it only waits for its end. */
  static final String MARK_LEAVING = MARK + "\n# On its way out: nothing here points to Fuselage.";

  static final String PLUGIN = "fuselage";
  static final String HANDLER = "fuselage";

  /** For what must run before us, our own pod first; it keeps the snapshotter of before. */
  static final String BOOTSTRAP_HANDLER = "fuselage-bootstrap";

  private static final String SNAPSHOTTER = "snapshotter";
  private static final String RUNTIME_TYPE = "runtime_type";
  private static final String USUAL_RUNTIME = "runc";
  private static final String USUAL_RUNTIME_TYPE = "io.containerd.runc.v2";
  private static final String USUAL_SNAPSHOTTER = "overlayfs";
  private static final String PLATFORM = "linux";

  private final Configuration configuration;
  private final Sections sections;
  private final ObjectNode content = Toml.table();

  /**
   * How containerd reaches us.
   *
   * @param socket as an absolute path
   * @param root whose disk the kubelet is to measure
   * @param mapsIds whether the mapping of ids in user namespaces is left to us
   */
  record Plugin(Path socket, Path root, boolean mapsIds) {}

  private DropIn(Configuration configuration) {
    this.configuration = configuration;
    sections = Sections.of(configuration.version());
    content.put("version", configuration.version());
  }

  /** The proxy plugin and nothing that points to it. */
  static String plugin(Configuration configuration, Plugin plugin) {
    DropIn dropIn = new DropIn(configuration);
    dropIn.addPlugin(plugin);
    return dropIn.text(MARK);
  }

  /**
   * What is left of {@link #defaultSnapshotter} on its way out: the proxy plugin for the pods that
   * are there, and the handler of our own pod, which must be able to start until all is done.
   */
  static String leaving(Configuration configuration, Plugin plugin) {
    DropIn dropIn = new DropIn(configuration);
    dropIn.addPlugin(plugin);
    dropIn.addHandler(BOOTSTRAP_HANDLER, dropIn.defaultSnapshotter());
    return dropIn.text(MARK_LEAVING);
  }

  /** With a handler for the pods that ask for it. */
  static String runtimeClass(Configuration configuration, Plugin plugin) {
    DropIn dropIn = new DropIn(configuration);
    dropIn.addPlugin(plugin);
    dropIn.addHandler(HANDLER, PLUGIN);
    dropIn.addUnpacking();
    return dropIn.text(MARK);
  }

  /**
   * With the default handler, too. The default snapshotter stays as it is, so that containerd asks
   * us nothing at its start and forgets no image when we come later.
   */
  static String defaultSnapshotter(Configuration configuration, Plugin plugin) {
    DropIn dropIn = new DropIn(configuration);
    dropIn.addPlugin(plugin);
    dropIn.addHandler(dropIn.defaultRuntime(), PLUGIN);
    dropIn.addHandler(HANDLER, PLUGIN);
    dropIn.addHandler(BOOTSTRAP_HANDLER, dropIn.defaultSnapshotter());
    dropIn.addUnpacking();
    return dropIn.text(MARK);
  }

  /** Whether a file of ours has anything that points to the proxy plugin. */
  static boolean pointsToUs(ObjectNode file) {
    return Configuration.uses(file, PLUGIN);
  }

  private void addPlugin(Plugin plugin) {
    ObjectNode entry = content.withObjectProperty(Configuration.PROXY_PLUGINS).putObject(PLUGIN);
    entry.put("type", "snapshot").put("address", plugin.socket().toString());
    if (plugin.mapsIds()) {
      entry.putArray("capabilities").add("remap-ids");
    }
    entry.putObject("exports").put("root", plugin.root().toString());
  }

  private String defaultRuntime() {
    return configuration.at(sections.defaultRuntimeName()).asText(USUAL_RUNTIME);
  }

  private String defaultSnapshotter() {
    return configuration.at(sections.snapshotter()).asText(USUAL_SNAPSHOTTER);
  }

  /** As the default one, of which nothing is inherited, but for the snapshotter. */
  private void addHandler(String handler, String snapshotter) {
    ObjectNode made = table(sections.runtime(handler));
    if (configuration.at(sections.runtime(defaultRuntime())) instanceof ObjectNode model) {
      made.setAll(model.deepCopy());
    }
    if (!made.has(RUNTIME_TYPE)) {
      made.put(RUNTIME_TYPE, USUAL_RUNTIME_TYPE);
    }
    made.put(SNAPSHOTTER, snapshotter);
    table(Sections.below(Sections.RUNTIME_PLATFORMS, handler))
        .put("platform", PLATFORM)
        .put(SNAPSHOTTER, snapshotter);
  }

  /** A list is replaced as a whole, so that ours repeats what is there. */
  private void addUnpacking() {
    ArrayNode list =
        table(Sections.UNPACK.subList(0, Sections.UNPACK.size() - 1))
            .putArray(Sections.UNPACK.getLast());
    JsonNode existing = configuration.at(Sections.UNPACK);
    existing.forEach(entry -> list.add(entry.deepCopy()));
    if (existing.isEmpty()) {
      list.addObject().put("platform", PLATFORM).put(SNAPSHOTTER, defaultSnapshotter());
    }
    list.addObject().put("platform", PLATFORM).put(SNAPSHOTTER, PLUGIN);
  }

  private ObjectNode table(List<String> path) {
    ObjectNode table = content;
    for (String key : path) {
      table = table.withObjectProperty(key);
    }
    return table;
  }

  private String text(String mark) {
    return mark + "\n# What is changed here is overwritten.\n" + Toml.text(content);
  }
}
