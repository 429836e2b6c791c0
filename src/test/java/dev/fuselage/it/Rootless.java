package dev.fuselage.it;

import dev.fuselage.Needs;
import dev.fuselage.posix.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An ordinary user with sub-ids who works under RootlessKit: the test user where root runs the
 * tests, else whoever does.
 */
final class Rootless {
  private final Workspace workspace;
  private final List<String> asUser;
  private final String name;

  private Rootless(Workspace workspace, List<String> asUser, String name) {
    this.workspace = workspace;
    this.asUser = asUser;
    this.name = name;
  }

  static Rootless user(Workspace workspace) {
    Parts.needFuse();
    Parts.needed("rootlesskit", "rootlesskit");
    String name = System.getProperty("user.name");
    List<String> asUser = List.of();
    if (Posix.effectiveUid() == 0) {
      name = Parts.TEST_USER;
      asUser = List.of("runuser", "-u", name, "--");
    }
    Needs.that(hasSubIds(name), name + " has no sub-ids: run `src/dev/sh/setup.sh test` as root");
    return new Rootless(workspace, asUser, name);
  }

  private static boolean hasSubIds(String name) {
    try {
      return Files.readAllLines(Path.of("/etc/subuid")).stream()
          .anyMatch(line -> line.startsWith(name + ":"));
    } catch (IOException _) {
      return false;
    }
  }

  /** What goes before a command to make its user root of a user namespace. */
  List<String> enter(String... options) {
    List<String> line = new ArrayList<>(asUser);
    line.addAll(List.of("rootlesskit", "--state-dir=" + stateDirectory()));
    line.addAll(List.of(options));
    return line;
  }

  Path stateDirectory() {
    return workspace.resolve("rootlesskit");
  }

  /**
   * A copy, of a file or a tree, that the user can read. Its times are the same, or the JVM would
   * not take the AOT cache in it.
   */
  Path copy(Path from, String to) {
    Path copy = workspace.resolve(to);
    workspace
        .run("cp", "-R", "--preserve=timestamps", from.toString(), copy.toString())
        .succeeded();
    return copy;
  }

  /** Makes the user the owner of all that is in the workspace. */
  void takeWorkspace() {
    if (!asUser.isEmpty()) {
      workspace.run("chown", "-R", name + ":", workspace.path().toString()).succeeded();
    }
  }
}
