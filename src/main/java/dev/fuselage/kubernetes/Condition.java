package dev.fuselage.kubernetes;

import java.util.Locale;

/**
 * Something that is so, or not, or can't be told.
 *
 * @param reason in one word, such as {@code LowSpace}
 * @param message for a person, in a sentence
 */
public record Condition(ConditionType type, Status status, String reason, String message) {
  /** The most characters of a message: some are made of errors from elsewhere. */
  private static final int MOST_CHARACTERS = 1024;

  /** Kubernetes' three. */
  public enum Status {
    TRUE,
    FALSE,
    UNKNOWN;

    private final String label = name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);

    /** As Kubernetes spells it. */
    public String label() {
      return label;
    }
  }

  public Condition {
    message = message.length() <= MOST_CHARACTERS ? message : message.substring(0, MOST_CHARACTERS);
  }
}
