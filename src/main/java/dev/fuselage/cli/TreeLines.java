package dev.fuselage.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The lines and marks before the names of a tree. Only children stand below their parents without
 * being moved to the right, so that a tree is as wide as it branches, not as deep as its images.
 */
final class TreeLines {
  private final boolean boxes;

  /** What stands before the children of the row last seen at each depth. */
  private final List<String> margins = new ArrayList<>();

  /**
   * @param boxes whether box drawing characters can be shown; otherwise all is ASCII
   */
  TreeLines(boolean boxes) {
    this.boxes = boxes;
  }

  /** What stands before the name of the next row; rows come in the order of their tree. */
  String before(LayerTree.Row row) {
    String margin = row.depth() == 0 ? "" : margins.get(row.depth() - 1);
    margins.subList(row.depth(), margins.size()).clear();
    if (!row.siblings()) {
      margins.add(margin);
      return margin + mark(row);
    }
    margins.add(margin + (row.last() ? "  " : boxes ? "│ " : "| "));
    return margin + (row.last() ? boxes ? "└─" : "`-" : boxes ? "├─" : "|-") + mark(row);
  }

  private String mark(LayerTree.Row row) {
    return switch (row.info().kind()) {
      case COMMITTED -> boxes ? "○ " : "o ";
      case ACTIVE -> boxes ? "● " : "* ";
      case VIEW -> boxes ? "◌ " : "= ";
    };
  }
}
