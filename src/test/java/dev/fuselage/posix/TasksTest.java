package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class TasksTest {
  @Test
  void aThreadKnowsItsNumber() {
    int task = Tasks.current();

    assertThat(Path.of("/proc/self/task", Integer.toString(task))).isDirectory();
  }

  @Test
  void aThreadStepsBackAndTheOthersStay() throws Exception {
    long before = nice();
    FutureTask<Long> there =
        new FutureTask<>(
            () -> {
              Tasks.stepBack();
              return nice();
            });

    Thread.ofPlatform().start(there);

    assertThat(there.get()).isEqualTo(10);
    assertThat(nice()).isEqualTo(before);
  }

  /** Of the thread that calls: field 19 of its stat, of which two stand before the state. */
  private static long nice() throws IOException {
    Path stat = Path.of("/proc/self/task", Integer.toString(Tasks.current()), "stat");
    String line = Files.readString(stat, StandardCharsets.ISO_8859_1);
    return Long.parseLong(line.substring(line.lastIndexOf(')') + 2).split(" ")[16]);
  }

  @Test
  void aThreadThatWorksOrIsGoneWaitsForNoDisk() {
    assertThat(Tasks.waitsForDisk(Tasks.current())).isFalse();
    assertThat(Tasks.waitsForDisk(Integer.MAX_VALUE)).isFalse();
  }
}
