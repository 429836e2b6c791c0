package dev.fuselage;

/** What is done at the start if the metadata store is damaged. */
public enum OnDamage {
  /** Calls are refused with the reason, until an operator has decided. */
  REFUSE,
  /** It is made again from what lies beside the layers. */
  REBUILD
}
