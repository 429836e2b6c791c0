package dev.fuselage.grpc;

import com.google.protobuf.FieldMask;
import dev.fuselage.grpc.proto.CleanupRequest;
import dev.fuselage.grpc.proto.CommitSnapshotRequest;
import dev.fuselage.grpc.proto.ListSnapshotsRequest;
import dev.fuselage.grpc.proto.MountsRequest;
import dev.fuselage.grpc.proto.PrepareSnapshotRequest;
import dev.fuselage.grpc.proto.RemoveSnapshotRequest;
import dev.fuselage.grpc.proto.SnapshotsGrpc;
import dev.fuselage.grpc.proto.StatSnapshotRequest;
import dev.fuselage.grpc.proto.UpdateSnapshotRequest;
import dev.fuselage.grpc.proto.UsageRequest;
import dev.fuselage.grpc.proto.ViewSnapshotRequest;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import io.grpc.Context;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A snapshotter at the other end of a unix socket. Calls block; a call's patience is asked before
 * it is sent, and after that the deadline alone ends it.
 */
public final class SnapshotterClient implements Snapshotter, AutoCloseable {
  private final Duration deadline;
  private final ClientChannel channel;
  private final SnapshotsGrpc.SnapshotsBlockingStub stub;

  private SnapshotterClient(ClientChannel channel, Duration deadline) {
    this.channel = channel;
    this.deadline = deadline;
    this.stub = SnapshotsGrpc.newBlockingStub(channel.channel());
  }

  /**
   * A client of the socket. Whether anybody answers there is only known by the first call: it ends
   * by a {@link SnapshotException} UNAVAILABLE that names the socket if nobody does.
   *
   * @param deadlinePerCall how long any one call may take, a whole {@link #list} included
   */
  public static SnapshotterClient connect(Path socket, Duration deadlinePerCall) {
    return new SnapshotterClient(new ClientChannel(socket), deadlinePerCall);
  }

  @Override
  public Info stat(String key) {
    var request = StatSnapshotRequest.newBuilder().setKey(key).build();
    return Messages.toInfo(channel.answer(() -> stub().stat(request)).getInfo());
  }

  /**
   * Sends what the change made of the labels as they were a moment before, so only labels that it
   * touched are at risk of another client's update in between.
   */
  @Override
  public Info update(Call call, String key, LabelChange change) {
    Map<String, String> before = stat(key).labels().asMap();
    Map<String, String> after = change.apply(Labels.of(before)).asMap();
    FieldMask.Builder mask = FieldMask.newBuilder();
    for (String label : before.keySet()) {
      if (!after.containsKey(label)) {
        mask.addPaths(LabelChange.LABELS + "." + label);
      }
    }
    after.forEach(
        (label, value) -> {
          if (!value.equals(before.get(label))) {
            mask.addPaths(LabelChange.LABELS + "." + label);
          }
        });
    var request =
        UpdateSnapshotRequest.newBuilder()
            .setInfo(
                dev.fuselage.grpc.proto.Info.newBuilder().setName(key).putAllLabels(after).build())
            .setUpdateMask(mask)
            .build();
    call.check();
    return Messages.toInfo(channel.answer(() -> stub().update(request)).getInfo());
  }

  @Override
  public Usage usage(Call call, String key) {
    var request = UsageRequest.newBuilder().setKey(key).build();
    call.check();
    return Messages.toUsage(channel.answer(() -> stub().usage(request)));
  }

  @Override
  public List<Mount> mounts(String key) {
    var request = MountsRequest.newBuilder().setKey(key).build();
    return Messages.toMounts(channel.answer(() -> stub().mounts(request)).getMountsList());
  }

  @Override
  public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
    var request =
        PrepareSnapshotRequest.newBuilder()
            .setKey(key)
            .setParent(parent)
            .putAllLabels(labels.asMap())
            .build();
    call.check();
    return Messages.toMounts(channel.answer(() -> stub().prepare(request)).getMountsList());
  }

  @Override
  public List<Mount> view(Call call, String key, String parent, Labels labels) {
    var request =
        ViewSnapshotRequest.newBuilder()
            .setKey(key)
            .setParent(parent)
            .putAllLabels(labels.asMap())
            .build();
    call.check();
    return Messages.toMounts(channel.answer(() -> stub().view(request)).getMountsList());
  }

  @Override
  public void commit(Call call, String name, String key, Optional<String> parent, Labels labels) {
    var request =
        CommitSnapshotRequest.newBuilder()
            .setName(name)
            .setKey(key)
            .setParent(parent.orElse(""))
            .putAllLabels(labels.asMap())
            .build();
    call.check();
    var unused = channel.answer(() -> stub().commit(request));
  }

  @Override
  public void remove(Call call, String key) {
    var request = RemoveSnapshotRequest.newBuilder().setKey(key).build();
    call.check();
    var unused = channel.answer(() -> stub().remove(request));
  }

  @Override
  public Listing<Info> list(List<String> filters) {
    var request = ListSnapshotsRequest.newBuilder().addAllFilters(filters).build();
    Context.CancellableContext context = Context.current().withCancellation();
    ClientListing listing =
        channel.answer(
            () -> {
              Context before = context.attach();
              try {
                return new ClientListing(context, stub().list(request), channel::failure);
              } finally {
                context.detach(before);
              }
            });
    // A filter that does not parse is told of by this method, not by the first use of its result.
    var unused = listing.hasNext();
    return listing;
  }

  @Override
  public void cleanup(Call call) {
    call.check();
    var unused = channel.answer(() -> stub().cleanup(CleanupRequest.getDefaultInstance()));
  }

  private SnapshotsGrpc.SnapshotsBlockingStub stub() {
    return stub.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends every call that is under way, by UNAVAILABLE or CANCELLED. */
  @Override
  public void close() {
    channel.close();
  }
}
