package dev.fuselage.cli;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.RebuildReport;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;
import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotId;
import dev.fuselage.snapshot.Usage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** A trash with two trees, one of them stuck, a quarantine with one layer, and damage. */
final class FakeAdministration implements Administration {
  private final List<Verification.Request> asked = new ArrayList<>();
  private final List<String> released = new ArrayList<>();
  private long postponed = 1;

  FakeAdministration withNothingWrong() {
    postponed = 0;
    return this;
  }

  List<String> released() {
    return released;
  }

  @Override
  public Trash trash() {
    return new FakeTrash();
  }

  @Override
  public Quarantine quarantine() {
    return new FakeQuarantine();
  }

  @Override
  public Verification verification() {
    return (request, call, listener) -> {
      asked.add(request);
      listener.progressed(new Verification.Progress(1, 3, 40, 0, 0));
      if (postponed == 0) {
        return new Verification.Progress(3, 3, 90, 0, 0);
      }
      listener.found(
          new Verification.Finding(
              Verification.Kind.TREE,
              Optional.of(
                  new Verification.Place(new SnapshotId(5), "sha256:b", "etc/\\xe9\\\\\u001b[1m")),
              "its tree is not what was committed"));
      listener.found(
          new Verification.Finding(Verification.Kind.STORE, Optional.empty(), "damaged block"));
      listener.found(
          new Verification.Finding(
              Verification.Kind.RECORD_FILE,
              Optional.of(new Verification.Place(new SnapshotId(6), "sha256:c", "")),
              "its record file is missing"));
      return new Verification.Progress(3, 3, 90, 3, 0);
    };
  }

  List<Verification.Request> asked() {
    return asked;
  }

  @Override
  public StoreCare storeCare() {
    return new FakeStoreCare();
  }

  private static final class FakeStoreCare implements StoreCare {
    private static final Backup BACKUP = new Backup(3, FakeSnapshotter.UPDATED, 4096, "command");

    @Override
    public Backup backUp() {
      return BACKUP;
    }

    @Override
    public List<Backup> backups() {
      return List.of(BACKUP);
    }

    @Override
    public long verify(int backup, Call call, Consumer<Progress> progress) {
      progress.accept(new Progress(Step.READ_SNAPSHOTS, 5, 0));
      if (backup != BACKUP.id()) {
        throw new SnapshotException(SnapshotException.Code.NOT_FOUND, "there is no such backup");
      }
      return 17;
    }

    @Override
    public List<Integer> prune() {
      return List.of(1, 2);
    }

    @Override
    public RebuildReport rebuild(Path root, Call call, Consumer<Progress> progress) {
      progress.accept(new Progress(Step.READ_RECORDS, 20, 500));
      throw SnapshotException.failedPrecondition("the metadata store is not damaged");
    }

    @Override
    public RebuildReport restore(
        Path root, OptionalInt backup, Call call, Consumer<Progress> progress) {
      progress.accept(new Progress(Step.RESTORE, 0, 0));
      return rebuild(root, call, progress);
    }

    @Override
    public void compact() {}
  }

  private final class FakeTrash implements Trash {
    @Override
    public List<Tree> list() {
      return List.of(
          new Tree(
              "7",
              Optional.of(new Usage(1_572_864, 30)),
              FakeSnapshotter.UPDATED,
              Optional.empty()),
          new Tree(
              "8",
              Optional.empty(),
              FakeSnapshotter.UPDATED.plus(Duration.ofHours(11)),
              Optional.of(
                  new BackOff(
                      "unlinkat 8/fs/f: busy",
                      3,
                      FakeSnapshotter.UPDATED.plus(Duration.ofHours(13))))));
    }

    @Override
    public Progress wake() {
      return new Progress(2, 0, 0, postponed);
    }

    @Override
    public Progress empty(Call call, Consumer<Progress> progress) {
      progress.accept(new Progress(2, 0, 10, postponed));
      return new Progress(postponed, 2 - postponed, 31, postponed);
    }
  }

  private final class FakeQuarantine implements Quarantine {
    @Override
    public List<Entry> list() {
      return List.of(
          new Entry(
              new SnapshotId(5),
              "sha256:b\u001b[1m",
              Optional.of(Kind.COMMITTED),
              "its directory is missing",
              List.of("sha256:c", "web")),
          new Entry(
              new SnapshotId(6),
              "snapshots/6",
              Optional.empty(),
              "nothing says what it is",
              List.of()));
    }

    @Override
    public void release(String key) {
      if (!key.equals("sha256:b")) {
        throw SnapshotException.notFound(key);
      }
      released.add(key);
    }
  }
}
