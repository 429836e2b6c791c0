package dev.fuselage.posix;

/** A job that only looks at a tree. */
interface TreeWalk extends TreeWork {
  @Override
  WalkingVisitor visitor(Calls calls);

  @Override
  default int reportEvery() {
    return 256;
  }

  @Override
  default SystemCall call() {
    return SystemCall.STATX;
  }
}
