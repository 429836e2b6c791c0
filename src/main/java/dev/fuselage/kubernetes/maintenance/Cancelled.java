package dev.fuselage.kubernetes.maintenance;

/** Why a node stops what it is at. */
enum Cancelled {
  /** The maintenance was suspended, and goes on some time. */
  SUSPENDED("suspended"),
  /** Its time is over. */
  DEADLINE("the deadline has passed"),
  /** It is no more. */
  DELETED("the FuselageMaintenance is deleted"),
  /** The service ends, and begins again where it is at. */
  STOPPING("the service stops");

  private final String sentence;

  Cancelled(String sentence) {
    this.sentence = sentence;
  }

  String sentence() {
    return sentence;
  }
}
