package dev.fuselage.kubernetes.maintenance;

import dev.fuselage.kubernetes.maintenance.Maintenance.Status;
import dev.fuselage.kubernetes.maintenance.Maintenance.Target;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * The FuselageMaintenances at the API server. Each method may end by a {@link
 * KubernetesClientException}.
 */
final class Maintenances {
  private static final Logger LOG = Logger.getLogger(Maintenances.class);

  private static final String GROUP_VERSION = "fuselage.dev/v1alpha1";
  private static final String KIND = "FuselageMaintenance";

  /** Of what is said of a maintenance as a whole, whoever says it. */
  private static final String OVERALL = "fuselage-maintenance";

  private static final ResourceDefinitionContext DEFINITION =
      definition(KIND, "fuselagemaintenances");
  private static final ResourceDefinitionContext NODES =
      definition("FuselageNode", "fuselagenodes");

  private final KubernetesClient client;

  Maintenances(KubernetesClient client) {
    this.client = client;
  }

  private static ResourceDefinitionContext definition(String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup("fuselage.dev")
        .withVersion("v1alpha1")
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(false)
        .build();
  }

  /** All that this version understands. */
  List<Maintenance> list() {
    List<Maintenance> all = new ArrayList<>();
    for (GenericKubernetesResource document :
        client.genericKubernetesResources(DEFINITION).list().getItems()) {
      read(document).ifPresent(all::add);
    }
    return all;
  }

  Optional<Maintenance> get(Maintenance known) {
    return Optional.ofNullable(
            client.genericKubernetesResources(DEFINITION).withName(known.name()).get())
        .filter(document -> document.getMetadata().getUid().equals(known.uid()))
        .flatMap(Maintenances::read);
  }

  private static Optional<Maintenance> read(GenericKubernetesResource document) {
    try {
      return Optional.of(Documents.read(document));
    } catch (RuntimeException e) {
      LOG.warnf(
          "op=maintenance name=%s is left alone, it can't be read: %s",
          document.getMetadata().getName(), e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * Writes what a node tells, beside what others do.
   *
   * @return whether the maintenance is still there
   */
  boolean tell(Maintenance maintenance, NodeProgress progress) {
    try {
      apply(
          new ObjectMetaBuilder().withName(maintenance.name()).withUid(maintenance.uid()).build(),
          "fuselage-" + progress.node(),
          Map.of("nodes", List.of(Documents.write(progress))));
      return true;
    } catch (KubernetesClientException e) {
      // A conflict is another one of that name.
      if (isNotFound(e) || isConflict(e)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Writes what is said of it as a whole, but the nodes' part, if nobody wrote since it was read.
   *
   * @return whether it was written
   */
  boolean tell(Maintenance read, Status status) {
    Map<String, Object> fields = new LinkedHashMap<>();
    status.selected().ifPresent(nodes -> fields.put("selected", nodes));
    status.started().ifPresent(time -> fields.put("startTime", Fields.time(time)));
    status.completed().ifPresent(time -> fields.put("completionTime", Fields.time(time)));
    status.lastScheduled().ifPresent(time -> fields.put("lastScheduleTime", Fields.time(time)));
    fields.put("progress", status.progress());
    fields.put("conditions", status.conditions().stream().map(Documents::write).toList());
    try {
      apply(
          new ObjectMetaBuilder()
              .withName(read.name())
              .withUid(read.uid())
              .withResourceVersion(read.version())
              .build(),
          OVERALL,
          fields);
      return true;
    } catch (KubernetesClientException e) {
      if (isNotFound(e) || isConflict(e)) {
        return false;
      }
      throw e;
    }
  }

  private void apply(ObjectMeta metadata, String manager, Map<String, Object> status) {
    GenericKubernetesResource document = document(metadata);
    document.setAdditionalProperty("status", status);
    var unused =
        client
            .genericKubernetesResources(DEFINITION)
            .resource(document)
            .subresource("status")
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager(manager)
                    .withForce(true)
                    .build(),
                document);
  }

  private static GenericKubernetesResource document(ObjectMeta metadata) {
    GenericKubernetesResource document = new GenericKubernetesResource();
    document.setApiVersion(GROUP_VERSION);
    document.setKind(KIND);
    document.setMetadata(metadata);
    return document;
  }

  /** Names of the nodes that a run is for, those that run Fuselage among the ones it asks for. */
  List<String> select(Target target) {
    Set<String> ours = ours();
    List<String> asked =
        switch (target) {
          case Target.Names(List<String> names) -> names;
          case Target.Labelled(String selector) -> labelled(selector);
        };
    return asked.stream().filter(ours::contains).sorted().toList();
  }

  private List<String> labelled(String selector) {
    ListOptions options = new ListOptionsBuilder().withLabelSelector(selector).build();
    return client.nodes().list(options).getItems().stream()
        .map(node -> node.getMetadata().getName())
        .toList();
  }

  /** Names of the nodes that run Fuselage; of all where the server knows no FuselageNodes. */
  private Set<String> ours() {
    try {
      return client.genericKubernetesResources(NODES).list().getItems().stream()
          .map(node -> node.getMetadata().getName())
          .collect(Collectors.toSet());
    } catch (KubernetesClientException e) {
      if (isNotFound(e)) {
        return Set.copyOf(labelled(""));
      }
      throw e;
    }
  }

  /** Makes a schedule's run for a time, if it is not there. */
  void createRun(Maintenance schedule, Instant time) {
    GenericKubernetesResource read =
        client.genericKubernetesResources(DEFINITION).withName(schedule.name()).get();
    if (read == null) {
      return;
    }
    Map<String, Object> spec =
        new LinkedHashMap<>(new Fields(read.getAdditionalProperties()).in("spec").values());
    spec.keySet()
        .removeAll(
            Set.of("schedule", "timeZone", "successfulRunsHistoryLimit", "failedRunsHistoryLimit"));
    GenericKubernetesResource run =
        document(
            new ObjectMetaBuilder()
                .withName(Schedules.runOf(schedule.name(), time))
                .addToLabels(Schedules.LABEL, schedule.uid())
                .withOwnerReferences(owner(schedule))
                .build());
    run.setAdditionalProperty("spec", spec);
    try {
      var unused = client.genericKubernetesResources(DEFINITION).resource(run).create();
    } catch (KubernetesClientException e) {
      if (!isConflict(e)) {
        throw e;
      }
    }
  }

  /** Deletes it, but not another of its name. */
  void delete(Maintenance maintenance) {
    try {
      var unused =
          client
              .genericKubernetesResources(DEFINITION)
              .withName(maintenance.name())
              .lockResourceVersion(maintenance.version())
              .delete();
    } catch (KubernetesClientException e) {
      if (!isNotFound(e) && !isConflict(e)) {
        throw e;
      }
    }
  }

  static OwnerReference owner(Maintenance maintenance) {
    return new OwnerReferenceBuilder()
        .withApiVersion(GROUP_VERSION)
        .withKind(KIND)
        .withName(maintenance.name())
        .withUid(maintenance.uid())
        .build();
  }

  private static boolean isNotFound(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
  }

  private static boolean isConflict(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_CONFLICT;
  }
}
