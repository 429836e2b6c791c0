package dev.fuselage.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TasksTest {
  @Test
  void aThreadKnowsItsNumber() {
    int task = Tasks.current();

    assertThat(Path.of("/proc/self/task", Integer.toString(task))).isDirectory();
  }

  @Test
  void aThreadThatWorksOrIsGoneWaitsForNoDisk() {
    assertThat(Tasks.waitsForDisk(Tasks.current())).isFalse();
    assertThat(Tasks.waitsForDisk(Integer.MAX_VALUE)).isFalse();
  }
}
