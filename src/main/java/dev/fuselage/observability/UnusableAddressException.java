package dev.fuselage.observability;

/** The management server can't listen where it is told to. */
public final class UnusableAddressException extends Exception {
  private static final long serialVersionUID = 1;

  UnusableAddressException(String sentence) {
    super(sentence);
  }
}
