package dev.fuselage.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One node's FuselageNode at the API server, written by server-side apply. Each method may end by a
 * {@link KubernetesClientException}.
 */
final class FuselageNodes {
  static final String FIELD_MANAGER = "fuselage";

  private static final String GROUP_VERSION = "fuselage.dev/v1alpha1";
  private static final String KIND = "FuselageNode";
  static final ResourceDefinitionContext DEFINITION =
      new ResourceDefinitionContext.Builder()
          .withGroup("fuselage.dev")
          .withVersion("v1alpha1")
          .withKind(KIND)
          .withPlural("fuselagenodes")
          .withNamespaced(false)
          .build();
  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager(FIELD_MANAGER)
          .withForce(true)
          .build();

  private final KubernetesClient client;
  private final String name;

  /** What stands in the way, and does not go by itself. */
  static final class ImpossibleException extends Exception {
    private static final long serialVersionUID = 1L;

    ImpossibleException(String sentence) {
      super(sentence);
    }
  }

  FuselageNodes(KubernetesClient client, String name) {
    this.client = client;
    this.name = name;
  }

  /**
   * Makes it if it is not there, and has it owned by the Node as it is now.
   *
   * @throws ImpossibleException if the Node is missing or the server knows no FuselageNodes
   */
  void make() throws ImpossibleException {
    Node node = client.nodes().withName(name).get();
    if (node == null) {
      throw new ImpossibleException(
          "there is no Node %s: set fuselage.kubernetes.node to the name of the Node that this"
                  .formatted(name)
              + " runs on");
    }
    GenericKubernetesResource resource = resource();
    resource
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion(node.getApiVersion())
                    .withKind(node.getKind())
                    .withName(name)
                    .withUid(node.getMetadata().getUid())
                    .build()));
    try {
      var unused = client(resource).patch(APPLY, resource);
    } catch (KubernetesClientException e) {
      if (isNotFound(e)) {
        throw new ImpossibleException(
            "the API server knows no FuselageNode: `kubectl apply -f"
                + " helm/fuselage/crds/fuselagenodes.yaml`, since `helm upgrade` adds none");
      }
      throw e;
    }
  }

  /**
   * Writes its status.
   *
   * @return whether it was there to be written to
   */
  boolean tell(Map<String, Object> status) {
    GenericKubernetesResource resource = resource();
    resource.setAdditionalProperty("status", status);
    try {
      var unused = client(resource).subresource("status").patch(APPLY, resource);
      return true;
    } catch (KubernetesClientException e) {
      if (isNotFound(e)) {
        return false;
      }
      throw e;
    }
  }

  /** The value of an annotation; empty if it has none, or is not there. */
  Optional<String> annotation(String key) {
    GenericKubernetesResource there = all().withName(name).get();
    return there == null || there.getMetadata().getAnnotations() == null
        ? Optional.empty()
        : Optional.ofNullable(there.getMetadata().getAnnotations().get(key));
  }

  /** Sets an annotation to a value that needs no escapes. Does nothing if it is not there. */
  void annotate(String key, String value) {
    var unused =
        all()
            .withName(name)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(key, value));
  }

  /** Learns the conditions that were told before. */
  void recall(Transitions transitions) {
    GenericKubernetesResource told = all().withName(name).get();
    if (told != null && told.get("status", "conditions") instanceof List<?> conditions) {
      conditions.forEach(condition -> recall(condition, transitions));
    }
  }

  private static void recall(Object condition, Transitions transitions) {
    if (condition instanceof Map<?, ?> fields
        && fields.get("type") instanceof String typeLabel
        && fields.get("status") instanceof String statusLabel
        && fields.get("lastTransitionTime") instanceof String since) {
      Optional<ConditionType> type =
          Arrays.stream(ConditionType.values())
              .filter(known -> known.label().equals(typeLabel))
              .findFirst();
      Optional<Condition.Status> status =
          Arrays.stream(Condition.Status.values())
              .filter(known -> known.label().equals(statusLabel))
              .findFirst();
      if (type.isPresent() && status.isPresent()) {
        try {
          transitions.remember(type.get(), status.get(), Instant.parse(since));
        } catch (DateTimeParseException _) {
          // Another's writing: then it is since now.
        }
      }
    }
  }

  private GenericKubernetesResource resource() {
    GenericKubernetesResource resource = new GenericKubernetesResource();
    resource.setApiVersion(GROUP_VERSION);
    resource.setKind(KIND);
    resource.setMetadata(new ObjectMetaBuilder().withName(name).build());
    return resource;
  }

  private Resource<GenericKubernetesResource> client(GenericKubernetesResource resource) {
    return all().resource(resource);
  }

  private NonNamespaceOperation<GenericKubernetesResource, ?, Resource<GenericKubernetesResource>>
      all() {
    return client.genericKubernetesResources(DEFINITION);
  }

  private static boolean isNotFound(KubernetesClientException e) {
    return e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
  }
}
