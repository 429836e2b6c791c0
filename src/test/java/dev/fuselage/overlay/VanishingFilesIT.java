package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers delete what is just being counted. */
class VanishingFilesIT {
  private static final int TIMES = 10_000;

  /** More than a walk deals with before it asks whether to go on, fewer than it reads at once. */
  private static final int ENTRIES = 480;

  /** Each of these is as likely behind the walk as before it. */
  private static final int VANISHING = 6;

  /** Every so many entries one is a directory with a file. */
  private static final int A_DIRECTORY = 8;

  @TempDir private Path directory;

  @Test
  void noUsageFailsThoughEntriesVanishInTheMiddleOfEachWalk() throws Exception {
    try (OwnedRoot root = OwnedRoot.open(directory.resolve("root"))) {
      Snapshotter snapshotter = root.snapshotter();
      Path files =
          Path.of(
              snapshotter.prepare(Call.PATIENT, "container", "", Labels.NONE).getFirst().source());
      for (int i = 0; i < ENTRIES; i++) {
        create(files, i);
      }
      Usage whole = snapshotter.usage(Call.PATIENT, "container");
      Random random = new Random(7);
      int met = 0;
      for (int walk = 0; met < TIMES; walk++) {
        assertThat(walk).as("walks, of which %d missed something", met).isLessThan(2 * TIMES);
        int first = random.nextInt(ENTRIES);
        AtomicBoolean deleted = new AtomicBoolean();

        Usage usage =
            snapshotter.usage(
                () -> {
                  if (deleted.compareAndSet(false, true)) {
                    deleteFrom(files, first);
                  }
                },
                "container");

        // Nothing is deleted but in the middle of a walk: less is what vanished before its eyes.
        met += usage.inodes() < whole.inodes() ? 1 : 0;
        assertThat(usage.inodes()).isBetween(whole.inodes() - 2 * VANISHING, whole.inodes());
        for (int i = 0; i < VANISHING; i++) {
          create(files, (first + i) % ENTRIES);
        }
      }
      assertThat(snapshotter.usage(Call.PATIENT, "container").inodes()).isEqualTo(whole.inodes());
    }
  }

  private static void create(Path files, int number) throws IOException {
    Path entry = files.resolve("entry-" + number);
    if (number % A_DIRECTORY == 0) {
      Files.createFile(Files.createDirectory(entry).resolve("file"));
    } else {
      Files.createFile(entry);
    }
  }

  private static void deleteFrom(Path files, int first) {
    try {
      for (int i = 0; i < VANISHING; i++) {
        int number = (first + i) % ENTRIES;
        Path entry = files.resolve("entry-" + number);
        if (number % A_DIRECTORY == 0) {
          Files.delete(entry.resolve("file"));
        }
        Files.delete(entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
