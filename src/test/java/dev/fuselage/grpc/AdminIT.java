package dev.fuselage.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Owner;
import dev.fuselage.admin.OwnerKind;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our own service over the socket, from its client's calls to what an administration is asked. */
class AdminIT {
  @TempDir Path directory;
  private final InMemorySnapshotter snapshotter = new InMemorySnapshotter();
  private Optional<TestServer> server = Optional.empty();
  private Optional<AdminClient> client = Optional.empty();

  private AdminClient clientOf(Administration administration) {
    TestServer started = TestServer.of(TestServer.options(directory), snapshotter, administration);
    AdminClient connected = started.adminClient();
    server = Optional.of(started);
    client = Optional.of(connected);
    return connected;
  }

  @AfterEach
  void end() {
    client.ifPresent(AdminClient::close);
    server.ifPresent(TestServer::close);
  }

  private static Administration offering(Trash trash) {
    return new Administration() {
      @Override
      public Trash trash() {
        return trash;
      }
    };
  }

  /** Does nothing but what a test overrides. */
  private static class IdleTrash implements Trash {
    @Override
    public List<Tree> list() {
      return List.of();
    }

    @Override
    public Progress wake() {
      return new Progress(3, 0, 0, 1);
    }

    @Override
    public Progress empty(Call call, Consumer<Progress> progress) {
      return new Progress(0, 0, 0, 0);
    }
  }

  @Test
  void theWholeTrashIsListedHoweverMuchThatIs() {
    Instant since = Instant.parse("2026-01-02T03:04:05.000000006Z");
    List<Trash.Tree> trees =
        IntStream.rangeClosed(1, 250)
            .mapToObj(
                i ->
                    new Trash.Tree(
                        Integer.toString(i),
                        i % 2 == 0 ? Optional.empty() : Optional.of(new Usage(4096, i)),
                        since,
                        i % 3 == 0
                            ? Optional.empty()
                            : Optional.of(new Trash.BackOff("stuck", i, since))))
            .toList();
    AdminClient asked =
        clientOf(
            offering(
                new IdleTrash() {
                  @Override
                  public List<Tree> list() {
                    return trees;
                  }
                }));

    assertThat(asked.trash().list()).isEqualTo(trees);
    await().until(() -> server.orElseThrow().calls().contains("Admin.ListTrash OK"));
  }

  @Test
  void whoOnlyWakesTheReaperIsAnsweredAtOnce() {
    assertThat(clientOf(offering(new IdleTrash())).trash().wake())
        .isEqualTo(new Trash.Progress(3, 0, 0, 1));
  }

  @Test
  void progressComesWhileTheTrashIsEmptied() {
    List<Trash.Progress> seen = new ArrayList<>();
    CountDownLatch first = new CountDownLatch(1);
    AdminClient asked =
        clientOf(
            offering(
                new IdleTrash() {
                  @Override
                  public Progress empty(Call call, Consumer<Progress> progress) {
                    progress.accept(new Progress(2, 0, 7, 0));
                    try {
                      assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                    return new Progress(0, 2, 20, 0);
                  }
                }));

    Trash.Progress result =
        asked
            .trash()
            .empty(
                Call.PATIENT,
                progress -> {
                  seen.add(progress);
                  first.countDown();
                });

    assertThat(seen)
        .containsExactly(new Trash.Progress(2, 0, 7, 0), new Trash.Progress(0, 2, 20, 0));
    assertThat(result).isEqualTo(new Trash.Progress(0, 2, 20, 0));
  }

  @Test
  void whoGoesAwayEndsTheWork() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    AdminClient asked =
        clientOf(
            offering(
                new IdleTrash() {
                  @Override
                  public Progress empty(Call call, Consumer<Progress> progress) {
                    progress.accept(new Progress(1, 0, 0, 0));
                    try {
                      while (true) {
                        call.check();
                        TimeUnit.MILLISECONDS.sleep(5);
                      }
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    } finally {
                      ended.countDown();
                    }
                  }
                }));
    Call impatient =
        () -> {
          throw new SnapshotException(SnapshotException.Code.CANCELLED, "enough");
        };

    assertThatThrownBy(() -> asked.trash().empty(impatient, progress -> {}))
        .isInstanceOf(SnapshotException.class);

    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whatIsNotOfferedIsUnavailableWithTheReason() {
    AdminClient asked =
        clientOf(
            new Administration() {
              @Override
              public String whyMissing() {
                return "the store is damaged";
              }
            });

    assertThatThrownBy(() -> asked.trash().list())
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> {
              assertThat(e.code()).isEqualTo(SnapshotException.Code.UNAVAILABLE);
              assertThat(e).hasMessageContaining("the store is damaged");
            });
    assertThatThrownBy(() -> asked.quarantine().release("key"))
        .hasMessageContaining("the store is damaged");
  }

  @Test
  void aVerificationTellsOfEachFindingAndItsEnd() {
    List<Verification.Finding> findings = new ArrayList<>();
    for (Verification.Kind kind : Verification.Kind.values()) {
      findings.add(
          new Verification.Finding(
              kind,
              Optional.of(new Verification.Place(new SnapshotId(3), "key", "etc/passwd")),
              "detail"));
    }
    findings.add(new Verification.Finding(Verification.Kind.STORE, Optional.empty(), "no place"));
    Verification.Progress end = new Verification.Progress(1, 2, 3, 4, 5);
    List<Verification.Request> requests = new ArrayList<>();
    AdminClient asked =
        clientOf(
            new Administration() {
              @Override
              public Verification verification() {
                return (request, call, listener) -> {
                  requests.add(request);
                  findings.forEach(listener::found);
                  return end;
                };
              }
            });
    List<Verification.Finding> heard = new ArrayList<>();

    Verification.Progress result =
        asked
            .verification()
            .run(
                new Verification.Request(true, true, false),
                Call.PATIENT,
                new Verification.Listener() {
                  @Override
                  public void found(Verification.Finding finding) {
                    heard.add(finding);
                  }

                  @Override
                  public void progressed(Verification.Progress progress) {}
                });

    assertThat(heard).isEqualTo(findings);
    assertThat(result).isEqualTo(end);
    assertThat(requests).containsExactly(new Verification.Request(true, true, false));
  }

  @Test
  void workOnTheStoreTellsHowFarItIs() {
    RebuildReport report =
        new RebuildReport(
            3,
            2,
            1,
            Map.of(new SnapshotId(7), "under way"),
            Map.of(new SnapshotId(8), "says nothing"),
            List.of("gone"),
            "/root/store.replaced");
    AdminClient asked = clientOf(ofStore(report));
    List<StoreCare.Progress> heard = new ArrayList<>();
    StoreCare care = asked.storeCare();

    assertThat(care.verify(4, Call.PATIENT, heard::add)).isEqualTo(4);
    assertThat(care.rebuild(Path.of("/root"), Call.PATIENT, heard::add)).isEqualTo(report);
    assertThat(care.restore(Path.of("/root"), OptionalInt.of(5), Call.PATIENT, heard::add))
        .isEqualTo(report);

    // Of what comes faster than it is read some may be left out, but the first is not.
    assertThat(heard)
        .contains(
            new StoreCare.Progress(StoreCare.Step.RESTORE, 0, 4),
            new StoreCare.Progress(StoreCare.Step.RESTORE, 0, 1),
            new StoreCare.Progress(StoreCare.Step.RESTORE, 0, 5));
    assertThat(heard).allSatisfy(progress -> assertThat(progress.done()).isLessThan(5));
  }

  /** Tells of all steps, each with what was asked for. */
  private static Administration ofStore(RebuildReport report) {
    StoreCare care =
        new StoreCare() {
          private void tell(int of, Consumer<Progress> progress) {
            for (Step step : Step.values()) {
              progress.accept(new Progress(step, step.ordinal(), of));
            }
          }

          @Override
          public long verify(int backup, Call call, Consumer<Progress> progress) {
            tell(backup, progress);
            return backup;
          }

          @Override
          public RebuildReport rebuild(Path root, Call call, Consumer<Progress> progress) {
            tell(1, progress);
            return report;
          }

          @Override
          public RebuildReport restore(
              Path root, OptionalInt backup, Call call, Consumer<Progress> progress) {
            tell(backup.orElseThrow(), progress);
            return report;
          }

          @Override
          public Backup backUp() {
            throw new UnsupportedOperationException();
          }

          @Override
          public List<Backup> backups() {
            return List.of();
          }

          @Override
          public List<Integer> prune() {
            return List.of();
          }

          @Override
          public void compact() {}
        };
    return new Administration() {
      @Override
      public StoreCare storeCare() {
        return care;
      }
    };
  }

  @Test
  void theQuarantineIsListedAndReleasedByKey() {
    List<Quarantine.Entry> entries =
        List.of(
            new Quarantine.Entry(
                new SnapshotId(4),
                "sha256:a",
                Optional.of(Kind.COMMITTED),
                "damaged",
                List.of("b", "c"),
                List.of(
                    new Quarantine.Use(
                        new Owner(OwnerKind.IMAGE, "k8s.io", "web:1"), "ctr images rm 'web:1'"))),
            new Quarantine.Entry(
                new SnapshotId(5), "snapshots/5", Optional.empty(), "lost", List.of()));
    List<String> released = new ArrayList<>();
    AdminClient asked =
        clientOf(
            new Administration() {
              @Override
              public Quarantine quarantine() {
                return new Quarantine() {
                  @Override
                  public List<Entry> list() {
                    return entries;
                  }

                  @Override
                  public void release(String key) {
                    released.add(key);
                  }
                };
              }
            });

    assertThat(asked.quarantine().list()).isEqualTo(entries);
    asked.quarantine().release("sha256:a");
    assertThat(released).containsExactly("sha256:a");
  }
}
