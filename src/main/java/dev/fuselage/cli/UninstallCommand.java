package dev.fuselage.cli;

import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.Dependents;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "uninstall",
    description = {
      "Says whether the cluster can do without Fuselage, and names the pods that can't.",
      "The chart asks so before it is uninstalled. Nothing is changed."
    },
    footer = {"", "Examples:", "  fuselage uninstall --kubeconfig ~/.kube/config"})
final class UninstallCommand implements Runnable {
  /** More names help nobody. */
  private static final int NAMED = 20;

  private final GlobalOptions options;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "How to reach the API server (default: the pod's service account).")
  private Optional<Path> kubeconfig = Optional.empty();

  UninstallCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    List<String> dependents = dependents();
    dependents.stream().limit(NAMED).forEach(options.terminal().out()::println);
    if (dependents.size() > NAMED) {
      options.terminal().out().printf("and %d more%n", dependents.size() - NAMED);
    }
    options.terminal().out().flush();
    if (!dependents.isEmpty()) {
      throw new CommandException(
          ExitCode.FAILED,
          "%d pods run on Fuselage: delete them, or drain their nodes, before it goes"
              .formatted(dependents.size()));
    }
  }

  private List<String> dependents() {
    Map<String, String> environment = options.surroundings().environment();
    if (kubeconfig.isPresent()
        ? !Files.isReadable(kubeconfig.get())
        : !environment.containsKey("KUBERNETES_SERVICE_HOST")) {
      throw new CommandException(
          ExitCode.USAGE,
          kubeconfig
              .map(file -> "%s can't be read".formatted(file))
              .orElse("this is no pod of the cluster: name a kubeconfig by --kubeconfig"));
    }
    try (ClusterClient cluster =
        ClusterClient.of(kubeconfig, environment, "fuselage (uninstall)")) {
      return Dependents.of(cluster, asking());
    } catch (IllegalArgumentException | Dependents.UnansweredException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  /** This pod, as the chart's DaemonSet and its hook tell it. */
  private String asking() {
    return options.surroundings().variable("FUSELAGE_KUBERNETES_NAMESPACE", "")
        + "/"
        + options.surroundings().variable("FUSELAGE_KUBERNETES_POD", "");
  }
}
