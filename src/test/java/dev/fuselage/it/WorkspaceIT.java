package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the other tests lean on: that nothing is left behind unseen. */
class WorkspaceIT {
  @RegisterExtension private final Workspace workspace = new Workspace();

  @Test
  void aProcessThatWasLeftIsSeen() throws Exception {
    Process left = workspace.command("sleep", "600").start();

    assertThat(workspace.leftovers())
        .singleElement()
        .asString()
        .startsWith("process " + left.pid() + " sleep 600");
    left.destroyForcibly().waitFor();
    assertThat(workspace.leftovers()).isEmpty();
  }

  @Test
  void aMountThatWasLeftIsSeen() throws Exception {
    Parts.needRoot();
    Path target = Files.createDirectory(workspace.resolve("target"));
    workspace.run("mount", "-t", "tmpfs", "tmpfs", target.toString()).succeeded();

    assertThat(workspace.leftovers()).containsExactly("mount " + target);
    workspace.run("umount", target.toString()).succeeded();
  }

  @Test
  void whatANamespaceHeldEndsWithIt() throws Exception {
    Parts.needRoot();
    Path target = Files.createDirectory(workspace.resolve("target"));
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      namespace.run("mount", "-t", "tmpfs", "tmpfs", target.toString()).succeeded();
      namespace.command("sleep", "600").start();

      assertThat(workspace.leftovers()).allMatch(left -> left.startsWith("process "));
    }
    assertThat(target).isEmptyDirectory();
  }
}
