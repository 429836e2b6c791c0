package dev.fuselage.cli;

import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.Dependents;
import dev.fuselage.kubernetes.FleetAgents;
import dev.fuselage.kubernetes.FleetUninstall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "uninstall",
    description = {
      "Has every node of the cluster let go of Fuselage, and waits for that.",
      "Nothing is changed while pods of its RuntimeClass run; they are named. Each node then takes"
          + " away its part of containerd's configuration and what it has set on its Node, and"
          + " marks its FuselageNode, by which nothing is installed there again. Who does not is"
          + " named with the reason. Data stays.",
      "The chart does so before it is uninstalled."
    },
    footer = {"", "Examples:", "  fuselage uninstall --dry-run --kubeconfig ~/.kube/config"})
final class UninstallCommand implements Runnable {
  /** More names help nobody. */
  private static final int NAMED = 20;

  private final GlobalOptions options;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "How to reach the API server (default: the pod's service account).")
  private Optional<Path> kubeconfig = Optional.empty();

  @Option(
      names = "--dry-run",
      description = "Only say which pods can't do without Fuselage, and change nothing.")
  private boolean dryRun;

  @Option(
      names = "--force",
      description = "Go on in spite of pods that run on it, which can't be started again then.")
  private boolean force;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      converter = TimeoutConverter.class,
      description = "How long to wait for the nodes (default: ${DEFAULT-VALUE}).")
  private Duration patience = Duration.ofMinutes(2);

  @Option(
      names = "--daemonset",
      paramLabel = "NAME",
      description =
          "One of the agents, as often as there are some: deleted once every node has let go, and"
              + " when its pods have ended so are the FuselageNodes. In the namespace"
              + " FUSELAGE_KUBERNETES_NAMESPACE (default: fuselage-system).")
  private Set<String> daemonSets = new LinkedHashSet<>();

  UninstallCommand(GlobalOptions options) {
    this.options = options;
  }

  @Override
  public void run() {
    try (ClusterClient cluster = cluster()) {
      FleetUninstall fleet = new FleetUninstall(cluster, force);
      List<String> dependents = Dependents.of(cluster, asking(), dryRun ? Set.of() : fleet.nodes());
      name(dependents);
      if (!dependents.isEmpty() && !(force && !dryRun)) {
        throw new CommandException(
            ExitCode.FAILED,
            "%d pods run on Fuselage: delete them, or drain their nodes, before it goes"
                .formatted(dependents.size()));
      }
      if (!dryRun) {
        FleetWait wait = new FleetWait(fleet, options.terminal(), patience);
        wait.forNodes();
        if (!daemonSets.isEmpty()) {
          wait.forAgents(new FleetAgents(cluster, namespace("fuselage-system"), daemonSets));
        }
      }
    } catch (IllegalArgumentException | Dependents.UnansweredException e) {
      throw new CommandException(ExitCode.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private void name(List<String> dependents) {
    dependents.stream().limit(NAMED).forEach(options.terminal().out()::println);
    if (dependents.size() > NAMED) {
      options.terminal().out().printf("and %d more%n", dependents.size() - NAMED);
    }
    options.terminal().out().flush();
  }

  private ClusterClient cluster() {
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
    return ClusterClient.of(kubeconfig, environment, "fuselage (uninstall)");
  }

  private String namespace(String otherwise) {
    return options.surroundings().variable("FUSELAGE_KUBERNETES_NAMESPACE", otherwise);
  }

  /** This pod, as the chart's hook tells it. */
  private String asking() {
    return namespace("") + "/" + options.surroundings().variable("FUSELAGE_KUBERNETES_POD", "");
  }
}
