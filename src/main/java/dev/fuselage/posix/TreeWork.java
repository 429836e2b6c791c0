package dev.fuselage.posix;

/** A job over a whole tree, done by one visitor per thread. */
interface TreeWork {
  /** Called once by each thread that takes part; safe for many threads. */
  TreeVisitor visitor(Calls calls);

  /** After how many entries a thread reports progress. */
  int reportEvery();

  /** The call to name when the way to the tree is barred. */
  SystemCall call();
}
