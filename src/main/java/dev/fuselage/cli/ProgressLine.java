package dev.fuselage.cli;

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
