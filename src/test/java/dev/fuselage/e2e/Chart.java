package dev.fuselage.e2e;

import dev.fuselage.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The chart, by the program {@code helm} alone. */
public final class Chart {
  static final Path DIRECTORY = Path.of("helm", "fuselage");

  private final Path helm;

  public Chart() {
    helm = tool("helm", "HELM_VERSION").resolve("helm");
  }

  /** The directory of a tool that setup.sh builds, in the version of that name in lib.sh. */
  static Path tool(String name, String version) {
    String script = ". src/dev/sh/lib.sh && tool_dir \"$1\" \"${!2}\"";
    ProcessBuilder where = new ProcessBuilder("bash", "-euc", script, "bash", name, version);
    Path directory = Path.of(Output.of(where, "").succeeded().out());
    Needs.that(
        Files.isDirectory(directory),
        "there is no %s: run `src/dev/sh/setup.sh test`".formatted(directory));
    return directory;
  }

  Output helm(String... arguments) {
    List<String> line = new ArrayList<>(List.of(helm.toString()));
    line.addAll(List.of(arguments));
    return Output.of(new ProcessBuilder(line), "");
  }

  /**
   * What {@code helm template} answers for the release {@code fuselage}, which may be a refusal.
   */
  Output template(String... arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "template", "fuselage", DIRECTORY.toString(), "--namespace", "fuselage-system"));
    line.addAll(List.of(arguments));
    return helm(line.toArray(String[]::new));
  }

  /** The objects that it renders. */
  public List<Map<String, Object>> objects(String... arguments) {
    return documents(template(arguments).succeeded().out());
  }

  /**
   * What Helm says after an installation. It tells that to nobody without a cluster, but lets
   * another template have it.
   *
   * @param scratch an empty directory
   */
  String notes(Path scratch, String... arguments) throws IOException {
    Path copy = scratch.resolve("chart");
    var unused =
        Output.of(new ProcessBuilder("cp", "-r", DIRECTORY.toString(), copy.toString()), "")
            .succeeded();
    Files.writeString(
        copy.resolve("templates").resolve("notes.yaml"),
        "notes: {{ include (print $.Template.BasePath \"/NOTES.txt\") . | toJson }}\n");
    List<String> line =
        new ArrayList<>(
            List.of("template", "fuselage", copy.toString(), "--show-only=templates/notes.yaml"));
    line.addAll(List.of(arguments));
    Map<String, Object> rendered =
        documents(helm(line.toArray(String[]::new)).succeeded().out()).getFirst();
    return String.valueOf(rendered.get("notes"));
  }

  /** The one object of that kind and name, if it renders one. */
  static Optional<Map<String, Object>> object(
      List<Map<String, Object>> objects, String kind, String name) {
    return objects.stream()
        .filter(
            object ->
                kind.equals(object.get("kind")) && name.equals(at(object, "metadata", "name")))
        .findFirst();
  }

  /** What is there by those keys of maps and numbers of list items; null where nothing is. */
  static @Nullable Object at(@Nullable Object from, Object... path) {
    @Nullable Object here = from;
    for (Object step : path) {
      if (here instanceof Map<?, ?> map) {
        here = map.get(step);
      } else if (here instanceof List<?> list && step instanceof Integer index) {
        here = list.get(index);
      } else {
        return null;
      }
    }
    return here;
  }

  /** A file of the project as an object; JSON is YAML, too. */
  static Map<String, Object> read(Path file) {
    try {
      return documents(Files.readString(file)).getFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> documents(String text) {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    return StreamSupport.stream(yaml.loadAll(text).spliterator(), false)
        .filter(Map.class::isInstance)
        .map(document -> (Map<String, Object>) document)
        .toList();
  }
}
