package dev.fuselage.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Where a command writes to.
 *
 * @param out for what was asked
 * @param err for what went wrong
 * @param target what {@code out} leads to
 * @param unicode whether letters beyond ASCII can be shown
 * @param width of a line in characters; asked for only on a screen
 */
record Terminal(
    PrintWriter out, PrintWriter err, Target target, boolean unicode, IntSupplier width) {
  /** The kinds of standard output that make a difference. */
  enum Target {
    /** A person reads it now. */
    SCREEN,
    /** Another program reads it now, and may stop. */
    PIPE,
    FILE
  }

  private static final int USUAL_WIDTH = 80;
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");

  /** This process' own. */
  static Terminal ofProcess(Map<String, String> environment) {
    Target target = ofStandardOutput();
    return new Terminal(
        new PrintWriter(new Output(new FileOutputStream(FileDescriptor.out))),
        new PrintWriter(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        target,
        target != Target.SCREEN || isUtf8(System.getProperty("native.encoding", "")),
        () -> width(environment));
  }

  boolean isScreen() {
    return target == Target.SCREEN;
  }

  /** Text from outside, as it may be shown here. */
  String visible(String text) {
    return Escapes.visible(text, unicode);
  }

  /** A line for a shell, in which every backslash has its meaning. */
  String visibleCommand(String command) {
    return Escapes.visiblePath(command, unicode);
  }

  /** A path in which a backslash is two already, as it may be shown here. */
  String visiblePath(String path) {
    return Escapes.visiblePath(path, unicode);
  }

  private static boolean isUtf8(String encoding) {
    return encoding.equalsIgnoreCase("UTF-8") || encoding.equalsIgnoreCase("UTF8");
  }

  /** Unlike {@code System.console()}, this does not mind where standard input comes from. */
  private static Target ofStandardOutput() {
    String link;
    try {
      link = Files.readSymbolicLink(STANDARD_OUTPUT).toString();
    } catch (IOException e) {
      return Target.FILE;
    }
    if (link.startsWith("/dev/pts/")
        || link.startsWith("/dev/tty")
        || link.equals("/dev/console")) {
      return Target.SCREEN;
    }
    return link.startsWith("pipe:") || link.startsWith("socket:") ? Target.PIPE : Target.FILE;
  }

  /** A shell keeps COLUMNS to itself unless it is exported, so the terminal is asked too. */
  private static int width(Map<String, String> environment) {
    int exported = number(environment.getOrDefault("COLUMNS", ""));
    if (exported > 0) {
      return exported;
    }
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File(STANDARD_OUTPUT.toString()))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      stty.waitFor(1, TimeUnit.SECONDS);
      int asked = number(size.substring(size.indexOf(' ') + 1));
      return asked > 0 ? asked : USUAL_WIDTH;
    } catch (IOException e) {
      return USUAL_WIDTH;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return USUAL_WIDTH;
    }
  }

  /** The number that a text is, 0 if it is none. */
  private static int number(String text) {
    String digits = text.strip();
    return digits.matches("\\d{1,5}") ? Integer.parseInt(digits) : 0;
  }
}
