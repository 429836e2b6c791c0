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
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The administration of the service at the other end of a unix socket. Calls block. */
public final class AdminClient implements Administration, AutoCloseable {
  private final ClientChannel channel;
  private final Duration patience;

  private AdminClient(ClientChannel channel, Duration patience) {
    this.channel = channel;
    this.patience = patience;
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
          last(
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

  /** Hands over each answer of a call; one that is abandoned is cancelled. */
  private <Q, R> void forEach(
      MethodDescriptor<Q, R> method, Q request, Call call, Consumer<R> action) {
    BlockingClientCall<Q, R> answers =
        ClientCalls.blockingV2ServerStreamingCall(
            channel.channel(), method, CallOptions.DEFAULT, request);
    try {
      for (R answer = next(answers); answer != null; answer = next(answers)) {
        action.accept(answer);
        call.check();
      }
    } finally {
      answers.cancel("the caller needs no more", null);
    }
  }

  private <R> @Nullable R next(BlockingClientCall<?, R> answers) {
    try {
      return answers.read(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (StatusException e) {
      throw channel.failure(e);
    } catch (TimeoutException _) {
      throw new SnapshotException(
          SnapshotException.Code.DEADLINE_EXCEEDED, "the service keeps silent");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SnapshotException(SnapshotException.Code.CANCELLED, "interrupted", e);
    }
  }

  /** The last answer of a call that reports its progress, which is its result. */
  private <Q, R> R last(MethodDescriptor<Q, R> method, Q request, Call call, Consumer<R> progress) {
    List<R> latest = new ArrayList<>(1);
    forEach(
        method,
        request,
        call,
        answer -> {
          latest.clear();
          latest.add(answer);
          progress.accept(answer);
        });
    if (latest.isEmpty()) {
      throw new SnapshotException(
          SnapshotException.Code.UNAVAILABLE, "the service answered without a result");
    }
    return latest.getFirst();
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
      forEach(
          AdminGrpc.getListTrashMethod(),
          ListTrashRequest.getDefaultInstance(),
          Call.PATIENT,
          answer -> answer.getTreesList().forEach(tree -> trees.add(AdminMessages.toTree(tree))));
      return trees;
    }

    @Override
    public Progress wake() {
      return AdminMessages.toProgress(
          last(
              AdminGrpc.getCleanupMethod(),
              CleanupRequest.getDefaultInstance(),
              Call.PATIENT,
              answer -> {}));
    }

    @Override
    public Progress empty(Call call, Consumer<Progress> progress) {
      return AdminMessages.toProgress(
          last(
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
      forEach(
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
