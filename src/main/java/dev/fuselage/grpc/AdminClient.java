package dev.fuselage.grpc;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Owners;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;
import dev.fuselage.grpc.admin.proto.AdminGrpc;
import dev.fuselage.grpc.admin.proto.CleanupRequest;
import dev.fuselage.grpc.admin.proto.ListQuarantineRequest;
import dev.fuselage.grpc.admin.proto.ListTrashRequest;
import dev.fuselage.grpc.admin.proto.OwnersRequest;
import dev.fuselage.grpc.admin.proto.ReleaseQuarantineRequest;
import dev.fuselage.grpc.admin.proto.VerifyResponse;
import dev.fuselage.snapshot.Call;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The administration of the service at the other end of a unix socket. Calls block. */
public final class AdminClient implements Administration, AutoCloseable {
  private final ClientChannel channel;
  private final Duration patience;
  private final Streams streams;

  private AdminClient(ClientChannel channel, Duration patience) {
    this.channel = channel;
    this.patience = patience;
    streams = new Streams(channel, Optional.of(patience));
  }

  /**
   * A client of the socket. Whether anybody answers there is only known by the first call.
   *
   * @param patience how long the service may keep silent; a call that reports its progress may last
   *     for as long as it takes
   */
  public static AdminClient connect(Path socket, Duration patience) {
    return new AdminClient(new ClientChannel(socket), patience);
  }

  @Override
  public Trash trash() {
    return new RemoteTrash();
  }

  @Override
  public Quarantine quarantine() {
    return new RemoteQuarantine();
  }

  @Override
  public Verification verification() {
    return (request, call, listener) -> {
      VerifyResponse last =
          streams.last(
              AdminGrpc.getVerifyMethod(),
              VerifyMessages.of(request),
              call,
              answer -> VerifyMessages.tell(answer, listener));
      return VerifyMessages.toProgress(last.getProgress());
    };
  }

  @Override
  public StoreCare storeCare() {
    return new RemoteStoreCare(channel);
  }

  @Override
  public Owners owners() {
    return call -> {
      call.check();
      return OwnersMessages.toReport(
          channel.answer(() -> stub().owners(OwnersRequest.getDefaultInstance())));
    };
  }

  private AdminGrpc.AdminBlockingStub stub() {
    return AdminGrpc.newBlockingStub(channel.channel())
        .withDeadlineAfter(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    channel.close();
  }

  private final class RemoteTrash implements Trash {
    @Override
    public List<Tree> list() {
      List<Tree> trees = new ArrayList<>();
      streams.forEach(
          AdminGrpc.getListTrashMethod(),
          ListTrashRequest.getDefaultInstance(),
          Call.PATIENT,
          answer -> answer.getTreesList().forEach(tree -> trees.add(AdminMessages.toTree(tree))));
      return trees;
    }

    @Override
    public Progress wake() {
      return AdminMessages.toProgress(
          streams.last(
              AdminGrpc.getCleanupMethod(),
              CleanupRequest.getDefaultInstance(),
              Call.PATIENT,
              answer -> {}));
    }

    @Override
    public Progress empty(Call call, Consumer<Progress> progress) {
      return AdminMessages.toProgress(
          streams.last(
              AdminGrpc.getCleanupMethod(),
              CleanupRequest.newBuilder().setNow(true).build(),
              call,
              answer -> progress.accept(AdminMessages.toProgress(answer))));
    }
  }

  private final class RemoteQuarantine implements Quarantine {
    @Override
    public List<Entry> list() {
      List<Entry> entries = new ArrayList<>();
      streams.forEach(
          AdminGrpc.getListQuarantineMethod(),
          ListQuarantineRequest.getDefaultInstance(),
          Call.PATIENT,
          answer ->
              answer
                  .getSnapshotsList()
                  .forEach(snapshot -> entries.add(AdminMessages.toEntry(snapshot))));
      return entries;
    }

    @Override
    public void release(String key) {
      var request = ReleaseQuarantineRequest.newBuilder().setKey(key).build();
      var unused = channel.answer(() -> stub().releaseQuarantine(request));
    }
  }
}
