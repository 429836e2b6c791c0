package dev.fuselage.snapshot;

/** Hears of the parts of a call as they are done, to tell afterwards what it waited for. */
@FunctionalInterface
public interface Stages {
  /** Nobody listens. */
  Stages NONE = part -> () -> {};

  /** What a call spends its time with. */
  enum Part {
    /** A mutation of the metadata, until it is durable. */
    STORE("store"),
    /** A snapshot's directories, until they are durable. */
    DIRECTORIES("directories"),
    /** What was written to a layer, until it is on disk. */
    SYNC("sync"),
    /** All entries of a tree. */
    WALK("walk");

    private final String label;

    Part(String label) {
      this.label = label;
    }

    /** In a word. */
    public String label() {
      return label;
    }
  }

  /** A part that the calling thread begins, on behalf of the call that it works for. */
  Stage begin(Part part);

  /** A part that has begun, and ends when it is closed, well or not. */
  interface Stage extends AutoCloseable {
    @Override
    void close();
  }
}
