package dev.fuselage.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows under headings: aligned, and cut to the width of a screen; apart from a screen whole, with
 * one tab between columns, since a key may hold spaces but never shows a tab.
 */
final class Table {
  private static final String GAP = "  ";
  private static final int LEAST_WIDTH = 8;

  /** How a column is laid out on a screen. */
  enum Layout {
    LEFT,
    RIGHT,
    /** To the left, and cut where the line would be too long. */
    CUT
  }

  record Column(String name, Layout layout) {}

  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /** One cell for each column, without control characters. */
  void add(List<String> cells) {
    rows.add(List.copyOf(cells));
  }

  void print(Terminal terminal, boolean headings) {
    List<List<String>> lines = new ArrayList<>(rows.size() + 1);
    if (headings) {
      lines.add(columns.stream().map(Column::name).toList());
    }
    lines.addAll(rows);
    if (!terminal.isScreen()) {
      lines.forEach(line -> terminal.out().println(String.join("\t", line)));
      return;
    }
    int[] widths = widths(lines);
    fit(widths, terminal.width().getAsInt());
    String ellipsis = terminal.unicode() ? "…" : "...";
    lines.forEach(line -> printAligned(line, widths, ellipsis, terminal.out()));
  }

  private int[] widths(List<List<String>> lines) {
    int[] widths = new int[columns.size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(line.get(i)));
      }
    }
    return widths;
  }

  /** Takes from the widest column that may be cut until the line fits, or nothing can be taken. */
  private void fit(int[] widths, int available) {
    long excess = GAP.length() * (widths.length - 1L) - available;
    for (int width : widths) {
      excess += width;
    }
    for (; excess > 0; excess--) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        if (columns.get(i).layout() == Layout.CUT
            && widths[i] > LEAST_WIDTH
            && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        return;
      }
      widths[widest]--;
    }
  }

  private void printAligned(List<String> line, int[] widths, String ellipsis, PrintWriter out) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cut(line.get(i), widths[i], ellipsis);
      String padding = " ".repeat(widths[i] - length(cell));
      boolean right = columns.get(i).layout() == Layout.RIGHT;
      text.append(i == 0 ? "" : GAP).append(right ? padding + cell : cell + padding);
    }
    out.println(text.toString().stripTrailing());
  }

  private static String cut(String cell, int width, String ellipsis) {
    if (length(cell) <= width) {
      return cell;
    }
    return cell.substring(0, cell.offsetByCodePoints(0, width - ellipsis.length())) + ellipsis;
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
