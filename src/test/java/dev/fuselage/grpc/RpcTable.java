package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.FieldMask;
import com.google.protobuf.MessageLite;
import dev.fuselage.grpc.proto.CleanupRequest;
import dev.fuselage.grpc.proto.CommitSnapshotRequest;
import dev.fuselage.grpc.proto.Info;
import dev.fuselage.grpc.proto.ListSnapshotsRequest;
import dev.fuselage.grpc.proto.MountsRequest;
import dev.fuselage.grpc.proto.PrepareSnapshotRequest;
import dev.fuselage.grpc.proto.RemoveSnapshotRequest;
import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.grpc.proto.UpdateSnapshotRequest;
import dev.fuselage.grpc.proto.UsageRequest;
import dev.fuselage.grpc.proto.ViewSnapshotRequest;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Subject;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of the ten methods and their codes, as containerd meets it: one request through a
 * socket, one status. The snapshots that are there are those of {@link
 * dev.fuselage.snapshot.SnapshotterContract}.
 */
abstract class RpcTable {
  private static final String LONG = "x".repeat(4096);
  private static final Map<String, String> NO_MAPPING =
      Map.of("containerd.io/snapshot/uidmapping", "0:100000:65536,lowerdir=/etc");

  @TempDir Path directory;
  private Subject subject;
  private TestServer server;
  private RawClient client;

  /** A snapshotter without snapshots, that may use the directory. */
  abstract Subject open(Path directory) throws Exception;

  @BeforeEach
  void begin() throws Exception {
    subject = open(directory);
    Snapshotter snapshotter = subject.snapshotter();
    snapshotter.prepare(Call.PATIENT, "base-key", "", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "base", "base-key", Optional.empty(), Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "layer-key", "base", Labels.NONE);
    snapshotter.commit(Call.PATIENT, "layer", "layer-key", Optional.empty(), Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "active", "layer", Labels.NONE);
    snapshotter.view(Call.PATIENT, "view", "layer", Labels.NONE);
    snapshotter.prepare(Call.PATIENT, "fresh", "", Labels.NONE);
    server = TestServer.of(directory, snapshotter);
    client = server.rawClient();
  }

  @AfterEach
  void end() throws Exception {
    client.close();
    server.close();
    subject.close();
  }

  @ParameterizedTest(name = "{0}: {1} is {2}")
  @MethodSource("rows")
  void answersWithTheCode(String method, String what, Status.Code code, MessageLite request) {
    Status status = client.send(method, request).join();

    assertThat(status.getCode()).as("%s", status).isEqualTo(code);
    if (code != Status.Code.OK) {
      assertThat(status.getDescription()).isNotBlank();
    }
    server.close();
    assertThat(server.calls()).containsExactly(method, method + " " + code);
  }

  static Stream<Arguments> rows() {
    return Stream.of(
            beginnings(), mounts(), commits(), removals(), stats(), updates(), lists(), others())
        .flatMap(rows -> rows);
  }

  private static Arguments row(
      String method, String what, Status.Code code, MessageLite.Builder request) {
    return arguments(method, what, code, request.build());
  }

  private static Stream<Arguments> beginnings() {
    return Stream.of(
            beginning("no parent", Status.Code.OK, "new", "", Map.of()),
            beginning("a layer as parent", Status.Code.OK, "new", "layer", Map.of("a", "b")),
            beginning("an empty label", Status.Code.OK, "new", "", Map.of("a", "")),
            beginning("a missing parent", Status.Code.NOT_FOUND, "new", "missing", Map.of()),
            beginning("an active's key", Status.Code.ALREADY_EXISTS, "active", "", Map.of()),
            beginning("a view's key", Status.Code.ALREADY_EXISTS, "view", "", Map.of()),
            beginning("a layer's name", Status.Code.ALREADY_EXISTS, "layer", "", Map.of()),
            beginning("an active parent", Status.Code.INVALID_ARGUMENT, "new", "fresh", Map.of()),
            beginning("a view as parent", Status.Code.INVALID_ARGUMENT, "new", "view", Map.of()),
            beginning("an empty key", Status.Code.INVALID_ARGUMENT, "", "", Map.of()),
            beginning(
                "a label too long", Status.Code.INVALID_ARGUMENT, "new", "", Map.of("a", LONG)),
            beginning(
                "a label without key", Status.Code.INVALID_ARGUMENT, "new", "", Map.of("", "a")),
            beginning(
                "a mapping that is none", Status.Code.INVALID_ARGUMENT, "new", "", NO_MAPPING))
        .flatMap(rows -> rows);
  }

  private static Stream<Arguments> beginning(
      String what, Status.Code code, String key, String parent, Map<String, String> labels) {
    return Stream.of(
        row(
            "Prepare",
            what,
            code,
            PrepareSnapshotRequest.newBuilder().setKey(key).setParent(parent).putAllLabels(labels)),
        row(
            "View",
            what,
            code,
            ViewSnapshotRequest.newBuilder().setKey(key).setParent(parent).putAllLabels(labels)));
  }

  private static Stream<Arguments> mounts() {
    return Stream.of(
        mount("an active", Status.Code.OK, "active"),
        mount("a view", Status.Code.OK, "view"),
        mount("a missing key", Status.Code.NOT_FOUND, "missing"),
        mount("an empty key", Status.Code.NOT_FOUND, ""),
        mount("a layer", Status.Code.FAILED_PRECONDITION, "layer"));
  }

  private static Arguments mount(String what, Status.Code code, String key) {
    return row("Mounts", what, code, MountsRequest.newBuilder().setKey(key));
  }

  private static Stream<Arguments> commits() {
    Map<String, String> none = Map.of();
    return Stream.of(
        commit("an active", Status.Code.OK, "new", "active", "", none),
        commit("the prepared parent", Status.Code.OK, "new", "active", "layer", none),
        commit("a rebase", Status.Code.OK, "new", "fresh", "layer", none),
        commit("a missing key", Status.Code.NOT_FOUND, "new", "missing", "", none),
        commit("an empty key", Status.Code.NOT_FOUND, "new", "", "", none),
        commit("a missing parent", Status.Code.NOT_FOUND, "new", "fresh", "missing", none),
        commit("an active's key", Status.Code.ALREADY_EXISTS, "fresh", "active", "", none),
        commit("a view's key", Status.Code.ALREADY_EXISTS, "view", "active", "", none),
        commit("a layer's name", Status.Code.ALREADY_EXISTS, "layer", "active", "", none),
        commit("a view", Status.Code.FAILED_PRECONDITION, "new", "view", "", none),
        commit("a layer", Status.Code.FAILED_PRECONDITION, "new", "layer", "", none),
        commit("an active parent", Status.Code.FAILED_PRECONDITION, "new", "fresh", "active", none),
        commit("an empty name", Status.Code.INVALID_ARGUMENT, "", "active", "", none),
        commit("another parent", Status.Code.INVALID_ARGUMENT, "new", "active", "base", none),
        commit(
            "a label too long",
            Status.Code.INVALID_ARGUMENT,
            "new",
            "active",
            "",
            Map.of("a", LONG)),
        commit(
            "a mapping that is none",
            Status.Code.INVALID_ARGUMENT,
            "new",
            "active",
            "",
            NO_MAPPING));
  }

  private static Arguments commit(
      String what,
      Status.Code code,
      String name,
      String key,
      String parent,
      Map<String, String> labels) {
    return row(
        "Commit",
        what,
        code,
        CommitSnapshotRequest.newBuilder()
            .setName(name)
            .setKey(key)
            .setParent(parent)
            .putAllLabels(labels));
  }

  private static Stream<Arguments> removals() {
    return Stream.of(
        removal("an active", Status.Code.OK, "active"),
        removal("a view", Status.Code.OK, "view"),
        removal("a missing key", Status.Code.NOT_FOUND, "missing"),
        removal("a layer with children", Status.Code.FAILED_PRECONDITION, "layer"));
  }

  private static Arguments removal(String what, Status.Code code, String key) {
    return row("Remove", what, code, RemoveSnapshotRequest.newBuilder().setKey(key));
  }

  private static Stream<Arguments> stats() {
    return Stream.of(
        stat("an active", Status.Code.OK, "active"),
        stat("a view", Status.Code.OK, "view"),
        stat("a layer", Status.Code.OK, "layer"),
        stat("a missing key", Status.Code.NOT_FOUND, "missing"),
        stat("an empty key", Status.Code.NOT_FOUND, ""));
  }

  private static Arguments stat(String what, Status.Code code, String key) {
    return row("Stat", what, code, StatSnapshotRequest.newBuilder().setKey(key));
  }

  private static Stream<Arguments> updates() {
    return Stream.of(
        update("no path", Status.Code.OK, "active", Map.of("a", "b")),
        update("all labels", Status.Code.OK, "layer", Map.of("a", "b"), "labels"),
        update("one label", Status.Code.OK, "view", Map.of("a", "b"), "labels.a"),
        update("a missing key", Status.Code.NOT_FOUND, "missing", Map.of()),
        update("an info without name", Status.Code.NOT_FOUND, "", Map.of()),
        update("the path kind", Status.Code.INVALID_ARGUMENT, "active", Map.of(), "kind"),
        update(
            "the path parent",
            Status.Code.INVALID_ARGUMENT,
            "active",
            Map.of(),
            "labels",
            "parent"),
        update("a path of no sense", Status.Code.INVALID_ARGUMENT, "active", Map.of(), "labelsx"),
        update("a label too long", Status.Code.INVALID_ARGUMENT, "active", Map.of("a", LONG)),
        update(
            "one label too long",
            Status.Code.INVALID_ARGUMENT,
            "active",
            Map.of("a", LONG),
            "labels.a"),
        update("a mapping that is none", Status.Code.INVALID_ARGUMENT, "active", NO_MAPPING),
        row("Update", "no info", Status.Code.INVALID_ARGUMENT, UpdateSnapshotRequest.newBuilder()));
  }

  private static Arguments update(
      String what, Status.Code code, String name, Map<String, String> labels, String... paths) {
    return row(
        "Update",
        what,
        code,
        UpdateSnapshotRequest.newBuilder()
            .setInfo(Info.newBuilder().setName(name).putAllLabels(labels))
            .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths))));
  }

  private static Stream<Arguments> lists() {
    return Stream.of(
        list("no filter", Status.Code.OK),
        list("an empty filter", Status.Code.OK, ""),
        list("filters", Status.Code.OK, "kind==view", "labels.\"a/b\"~=/^x/"),
        list("a filter without value", Status.Code.INVALID_ARGUMENT, "name=="),
        list("one bad filter of two", Status.Code.INVALID_ARGUMENT, "kind==view", "\"name"));
  }

  private static Arguments list(String what, Status.Code code, String... filters) {
    return row(
        "List", what, code, ListSnapshotsRequest.newBuilder().addAllFilters(List.of(filters)));
  }

  private static Stream<Arguments> others() {
    return Stream.of(
        usage("an active", Status.Code.OK, "active"),
        usage("a view", Status.Code.OK, "view"),
        usage("a layer", Status.Code.OK, "layer"),
        usage("a missing key", Status.Code.NOT_FOUND, "missing"),
        row("Cleanup", "nothing to do", Status.Code.OK, CleanupRequest.newBuilder()));
  }

  private static Arguments usage(String what, Status.Code code, String key) {
    return row("Usage", what, code, UsageRequest.newBuilder().setKey(key));
  }
}
