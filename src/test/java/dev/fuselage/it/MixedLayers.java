package dev.fuselage.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Layers of everything: what all have in common, so that each can be damaged, and beside that some
 * of what layers may have, by their numbers and a seed.
 */
final class MixedLayers {
  private static final int ONE_EMPTY_OF = 20;
  private static final String OPAQUE = "@OPAQUE@";

  private static final String COMMON =
      """
      mkdir -p etc usr/lib srv/blue srv/green var/replaced odd
      echo configuration > etc/file
      setfattr -n user.kind -v configuration etc/file
      for i in $(seq 10); do echo "text $i" > usr/lib/file$i; done
      ln usr/lib/file1 usr/lib/same
      ln -s ../etc/file usr/lib/link
      chmod 4755 usr/lib/file2
      chown 1000:2000 usr/lib/file3
      setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 usr/lib/file4
      echo blue > srv/blue/file
      echo green > srv/green/file
      mknod var/removed c 0 0
      """
          + OPAQUE
          + """

          printf odd > "odd/$(printf 'r\\351sum\\351')"
          """;

  private static final List<String> MORE =
      List.of(
          """
          mkdir -p links/a/b
          for i in $(seq 5); do echo "$i" > links/a/$i; ln links/a/$i links/a/b/$i; ln links/a/$i links/same-$i; done
          ln -s nowhere links/dangling
          ln -s . links/itself
          ln links/dangling links/dangling-too
          """,
          """
          mkdir attributes
          for i in $(seq 3); do
            echo > attributes/$i
            setfattr -n user.one -v "$i" attributes/$i
            setfattr -n user.empty attributes/$i
          done
          setfattr -n user.long -v "$(printf %02000d 0)" attributes
          setfattr -n trusted.mine -v mine attributes
          """,
          """
          mkdir -p gone/below
          for i in $(seq 4); do mknod gone/$i c 0 0; done
          mknod gone/below/file c 0 0
          """,
          """
          mkdir names
          cd names
          echo > ' '; echo > '-rf'; echo > 'new
          line'; echo > '*'; echo > 'back\\slash'; echo > "$(printf '\\001')"
          echo > "$(printf 'half \\303')"; echo > "$(printf '\\377\\376\\200')"
          mkdir "$(printf 'd\\377')"; echo > "$(printf 'd\\377')/$(printf '\\342\\200\\256txt')"
          echo > "$(printf %0255d 0)"
          echo > 'ПРИВЕТ'; echo > '名前'
          """,
          """
          below=$(printf 'deep-%d/' $(seq 60))
          mkdir -p "$below"
          for i in $(seq 60); do cd deep-$i; echo "$i" > file; done
          """,
          """
          mkdir special
          mkfifo special/pipe
          mknod special/null c 1 3
          mknod special/disk b 7 200
          truncate -s 8M special/sparse
          : > special/empty
          chmod 000 special/empty
          mkdir -m 1777 special/tmp
          mkdir -m 0 special/closed
          touch -d @0 special/old
          touch -d @-100.25 special/older
          touch -d @5000000000.000000001 special/future
          """,
          """
          mkdir many
          for i in $(seq 300); do : > many/$i; done
          """,
          """
          mkdir large
          seq 60000 > large/numbers
          """);

  private final Place place;
  private final Path templates;
  private final long seed;

  /**
   * @param templates a directory to be made, of what the layers are copied from
   * @param driver whose whiteouts and opaque marks they have
   */
  MixedLayers(Place place, Path templates, String driver, long seed) throws IOException {
    this.place = place;
    this.templates = Files.createDirectory(templates);
    this.seed = seed;
    make("common", COMMON.replace(OPAQUE, opaque(driver)));
    for (int i = 0; i < MORE.size(); i++) {
      make("more-" + i, MORE.get(i));
    }
  }

  private void make(String name, String script) throws IOException {
    Path template = Files.createDirectory(templates.resolve(name));
    place.run("bash", "-euc", "cd \"$0\"\n" + script, template.toString()).succeeded();
  }

  private static String opaque(String driver) {
    return switch (driver) {
      case "overlayfs" -> "setfattr -n trusted.overlay.opaque -v y var/replaced";
      case "fuse-overlayfs" ->
          """
          setfattr -n user.fuseoverlayfs.opaque -v y var/replaced
          mknod var/replaced/.wh..wh..opq c 0 0""";
      default -> throw new IllegalArgumentException(driver);
    };
  }

  static boolean isEmpty(int number) {
    return number % ONE_EMPTY_OF == ONE_EMPTY_OF - 1;
  }

  /** What the file {@code etc/file} of a layer holds, and no other file. */
  static String configuration(int number) {
    return "the configuration of layer " + number + "\n";
  }

  /** Makes a layer in its directory, as an unpack would. */
  void fill(int number, Path fs) throws IOException {
    if (isEmpty(number)) {
      return;
    }
    Random random = new Random(seed * 31 + number);
    List<String> line = new ArrayList<>(List.of("cp", "-a", templates + "/common/."));
    for (int i = 0; i < MORE.size(); i++) {
      if (random.nextInt(3) == 0) {
        line.add(templates + "/more-" + i + "/.");
      }
    }
    line.add(fs.toString());
    place.run(line.toArray(String[]::new)).succeeded();
    Files.writeString(fs.resolve("etc/file"), configuration(number));
  }
}
