package dev.fuselage.cli;

import dev.fuselage.admin.StoreCare;

/** One line on standard error that a person watches while they wait; nothing elsewhere. */
final class ProgressLine implements AutoCloseable {
  private final Terminal terminal;
  private int shown;

  ProgressLine(Terminal terminal) {
    this.terminal = terminal;
  }

  void show(String text) {
    if (terminal.isScreen()) {
      terminal.err().print('\r' + text + " ".repeat(Math.max(0, shown - text.length())));
      terminal.err().flush();
      shown = text.length();
    }
  }

  /** Shows how far work on the store is. */
  void show(StoreCare.Progress progress) {
    String counted =
        progress.of() > 0
            ? progress.done() + " of " + progress.of()
            : Long.toString(progress.done());
    show(
        switch (progress.step()) {
          case RESTORE -> "copying the backup";
          case READ_RECORDS -> counted + " records read beside the layers";
          case WRITE -> "writing the store";
          case CHECK_BLOCKS -> "reading every block";
          case READ_SNAPSHOTS -> counted + " snapshots read";
        });
  }

  /** Takes the line away. */
  @Override
  public void close() {
    if (shown > 0) {
      terminal.err().print('\r' + " ".repeat(shown) + '\r');
      terminal.err().flush();
      shown = 0;
    }
  }
}
