package dev.fuselage.grpc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fuselage.grpc.proto.ListSnapshotsRequest;
import dev.fuselage.grpc.proto.ListSnapshotsResponse;
import dev.fuselage.grpc.proto.PrepareSnapshotRequest;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a List goes on its way, to readers quick, slow and gone. */
class ListStreamIT {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration FOR_EVER = Duration.ofHours(1);

  @TempDir Path directory;
  private final List<Infos> listings = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable part : opened.reversed()) {
      part.close();
    }
    assertThat(listings).allSatisfy(listing -> assertThat(listing.misused).isFalse());
  }

  /**
   * So many infos, each with so many labels of 4 KB. It notices if two threads touch it at once.
   */
  private static class Infos implements Listing<Info> {
    private final int count;
    private final Labels labels;
    private final AtomicBoolean touched = new AtomicBoolean();
    private final AtomicInteger given = new AtomicInteger();
    private volatile boolean misused;
    private volatile boolean closed;

    Infos(int count, Labels labels) {
      this.count = count;
      this.labels = labels;
    }

    final int given() {
      return given.get();
    }

    private void touch(Runnable work) {
      if (!touched.compareAndSet(false, true)) {
        misused = true;
      }
      work.run();
      touched.set(false);
    }

    @Override
    public boolean hasNext() {
      touch(Thread::onSpinWait);
      return given.get() < count;
    }

    @Override
    public Info next() {
      touch(given::incrementAndGet);
      return new Info("key-" + given.get(), "", Kind.VIEW, labels, Instant.EPOCH, Instant.EPOCH);
    }

    @Override
    public void close() {
      touch(() -> closed = true);
    }
  }

  private RawClient serve(int count, int labels, Duration patience) {
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < labels; i++) {
      map.put("label-" + i, "x".repeat(4000));
    }
    Labels each = Labels.of(map);
    return serve(
        new ForwardingSnapshotter(new InMemorySnapshotter()) {
          @Override
          public Listing<Info> list(List<String> filters) {
            listings.add(new Infos(count, each));
            return listings.getLast();
          }
        },
        patience);
  }

  private RawClient serve(ForwardingSnapshotter snapshotter, Duration patience) {
    SocketServer.Options defaults = TestServer.options(directory);
    TestServer server =
        TestServer.of(
            new SocketServer.Options(
                defaults.socket(),
                defaults.mode(),
                defaults.allowedUids(),
                defaults.maxMessageBytes(),
                defaults.maxCallsPerConnection(),
                defaults.maxConnections(),
                1,
                8,
                Duration.ofMillis(100),
                patience),
            snapshotter);
    opened.add(server);
    RawClient client = server.rawClient();
    opened.add(client);
    return client;
  }

  private TestServer server() {
    return (TestServer) opened.getFirst();
  }

  /** Reads a batch when told to. */
  private static final class Reader
      implements ClientResponseObserver<ListSnapshotsRequest, ListSnapshotsResponse> {
    private final CompletableFuture<ClientCallStreamObserver<ListSnapshotsRequest>> call =
        new CompletableFuture<>();
    private final AtomicInteger infos = new AtomicInteger();
    private final CompletableFuture<Status> end = new CompletableFuture<>();

    static Reader of(RawClient client) {
      Reader reader = new Reader();
      client.asyncStub().list(ListSnapshotsRequest.getDefaultInstance(), reader);
      return reader;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ListSnapshotsRequest> stream) {
      stream.disableAutoRequestWithInitial(0);
      call.complete(stream);
    }

    void read(int batches) {
      call.join().request(batches);
    }

    @Override
    public void onNext(ListSnapshotsResponse batch) {
      infos.addAndGet(batch.getInfoCount());
    }

    @Override
    public void onError(Throwable failure) {
      end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      end.complete(Status.OK);
    }
  }

  private void awaitStandstill() {
    await().until(() -> !listings.isEmpty() && listings.getFirst().given.get() > 0);
    AtomicInteger before = new AtomicInteger(-1);
    await()
        .pollInterval(Duration.ofMillis(200))
        .until(() -> before.getAndSet(listings.getFirst().given.get()) == before.get());
  }

  @Test
  void aBatchHoldsAtMostAHundredInfos() {
    RawClient client = serve(250, 0, FOR_EVER);

    List<Integer> sizes = new ArrayList<>();
    client
        .stub()
        .list(ListSnapshotsRequest.getDefaultInstance())
        .forEachRemaining(batch -> sizes.add(batch.getInfoCount()));

    assertThat(sizes).containsExactly(100, 100, 50);
    assertThat(listings).singleElement().satisfies(listing -> assertThat(listing.closed).isTrue());
  }

  @Test
  void aBatchIsNotLargerThanAMessageMayBe() {
    RawClient client = serve(50, 60, FOR_EVER);

    List<ListSnapshotsResponse> batches = new ArrayList<>();
    client.stub().list(ListSnapshotsRequest.getDefaultInstance()).forEachRemaining(batches::add);

    assertThat(batches)
        .allSatisfy(batch -> assertThat(batch.getSerializedSize()).isLessThan((1 << 20) + 1000))
        .extracting(ListSnapshotsResponse::getInfoCount)
        .startsWith(4, 4)
        .doesNotContain(0);
    assertThat(batches.stream().mapToInt(ListSnapshotsResponse::getInfoCount).sum()).isEqualTo(50);
  }

  @Test
  void anInfoLargerThanABatchGoesAlone() {
    RawClient client = serve(3, 300, FOR_EVER);

    List<Integer> sizes = new ArrayList<>();
    client
        .stub()
        .list(ListSnapshotsRequest.getDefaultInstance())
        .forEachRemaining(batch -> sizes.add(batch.getInfoCount()));

    assertThat(sizes).containsExactly(1, 1, 1);
  }

  @Test
  void aListOfNothingIsAnEmptyStream() {
    RawClient client = serve(0, 0, FOR_EVER);

    assertThat(client.stub().list(ListSnapshotsRequest.getDefaultInstance()).hasNext()).isFalse();
  }

  @Test
  void aClientThatDoesNotReadTakesNoThreadAndLittleMemory() throws Exception {
    RawClient client = serve(Integer.MAX_VALUE, 1, FOR_EVER);
    Reader reader = Reader.of(client);

    awaitStandstill();

    // What lies in the windows of both sides, and a batch or two.
    assertThat(listings.getFirst().given.get() * 4000L).isLessThan(8 << 20);
    // The only worker is free for another.
    PrepareSnapshotRequest prepare = PrepareSnapshotRequest.newBuilder().setKey("key").build();
    assertThat(client.send("Prepare", prepare).get(30, SECONDS).isOk()).isTrue();
    reader.read(50);
    await().until(() -> reader.infos.get() > 1000);
    reader.call.join().cancel("enough", new IllegalStateException("enough"));
    await().until(() -> listings.getFirst().closed);
  }

  @Test
  void aClientThatReadsNothingForTooLongIsGivenUp() throws Exception {
    RawClient client = serve(Integer.MAX_VALUE, 1, PATIENCE);
    Reader reader = Reader.of(client);

    await().atMost(30, SECONDS).until(() -> !listings.isEmpty() && listings.getFirst().closed);

    reader.read(Integer.MAX_VALUE);
    Status end = reader.end.get(30, SECONDS);
    assertThat(end.getCode()).isEqualTo(Status.Code.CANCELLED);
    assertThat(end.getDescription()).contains("read nothing for 2 s");
  }

  @Test
  void aClientThatGoesAwayLeavesNoListingOpen() {
    RawClient client = serve(Integer.MAX_VALUE, 1, FOR_EVER);
    Reader reader = Reader.of(client);
    awaitStandstill();

    reader.call.join().cancel("gone", new IllegalStateException("gone"));

    await().until(() -> listings.getFirst().closed);
  }

  @Test
  void aServerThatStopsClosesTheListingsOfSlowReaders() throws Exception {
    RawClient client = serve(Integer.MAX_VALUE, 1, FOR_EVER);
    Reader reader = Reader.of(client);
    awaitStandstill();

    server().close();

    assertThat(listings.getFirst().closed).isTrue();
    reader.read(Integer.MAX_VALUE);
    assertThat(reader.end.get(30, SECONDS).isOk()).isFalse();
  }

  @Test
  void aStoreThatFailsInTheMiddleEndsTheStream() throws Exception {
    RawClient client =
        serve(
            new ForwardingSnapshotter(new InMemorySnapshotter()) {
              @Override
              public Listing<Info> list(List<String> filters) {
                listings.add(
                    new Infos(1000, Labels.NONE) {
                      @Override
                      public Info next() {
                        if (given() == 500) {
                          throw new SnapshotException(
                              SnapshotException.Code.UNAVAILABLE, "the disk is gone");
                        }
                        return super.next();
                      }
                    });
                return listings.getLast();
              }
            },
            FOR_EVER);
    Reader reader = Reader.of(client);
    reader.read(Integer.MAX_VALUE);

    Status end = reader.end.get(30, SECONDS);

    assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(end.getDescription()).isEqualTo("the disk is gone");
    assertThat(reader.infos.get()).isEqualTo(500);
    assertThat(listings.getFirst().closed).isTrue();
  }

  @Test
  void readersAtAnyPaceGetEverything() {
    RawClient client = serve(2000, 1, FOR_EVER);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Reader> readers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      readers.add(Reader.of(client));
    }

    while (readers.stream().anyMatch(reader -> !reader.end.isDone())) {
      readers.get(random.nextInt(readers.size())).read(1 + random.nextInt(3));
    }

    assertThat(readers)
        .as("seed %d", seed)
        .allSatisfy(reader -> assertThat(reader.end.join().isOk()).isTrue())
        .allSatisfy(reader -> assertThat(reader.infos.get()).isEqualTo(2000));
    assertThat(listings).allSatisfy(listing -> assertThat(listing.closed).isTrue());
  }

  @Test
  void callsThatAreGivenUpAtAnyMomentLeaveNoListingOpen() {
    RawClient client = serve(300, 1, FOR_EVER);
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      Reader reader = Reader.of(client);
      reader.read(random.nextInt(4));
      for (int spin = random.nextInt(200_000); spin > 0; spin--) {
        Thread.onSpinWait();
      }
      reader.call.join().cancel("gone", new IllegalStateException("gone"));
    }

    // What the client sends after all of them, some of which it may not even have sent.
    assertThat(client.stub().list(ListSnapshotsRequest.getDefaultInstance()).next().getInfoCount())
        .isEqualTo(100);

    await()
        .until(
            () ->
                server().calls().stream().filter(line -> line.equals("List")).count()
                    == server().calls().stream().filter(line -> line.startsWith("List ")).count());
    assertThat(listings).allSatisfy(listing -> assertThat(listing.closed).isTrue());
  }
}
