package dev.fuselage.it;

import java.time.Duration;
import java.util.Random;

/**
 * How much of a fault campaign is run and from which seed, by {@code -Dfuselage.count} and {@code
 * -Dfuselage.seed}; and what it prints on its way, so that a run that fails can be repeated.
 */
public final class Campaign {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final String name;
  private final int count;
  private final long seed;
  private final long begun = System.nanoTime();
  private long told = begun;

  private Campaign(String name, int count, long seed) {
    this.name = name;
    this.count = count;
    this.seed = seed;
  }

  /**
   * Begins one.
   *
   * @param shortForm how many rounds are run where nobody says how many
   */
  public static Campaign begin(String name, int shortForm) {
    Campaign campaign =
        new Campaign(
            name,
            Integer.getInteger("fuselage.count", shortForm),
            Long.getLong("fuselage.seed", new Random().nextInt(1_000_000)));
    campaign.print("begins: COUNT=%d SEED=%d".formatted(campaign.count, campaign.seed));
    return campaign;
  }

  /** Rounds to run. */
  public int count() {
    return count;
  }

  public long seed() {
    return seed;
  }

  /** Says how far it is, unless it has just done so. */
  public void progress(int done, String figures) {
    long now = System.nanoTime();
    if (now - told > BETWEEN_LINES.toNanos()) {
      told = now;
      print("%d of %d, %s".formatted(done, count, figures));
    }
  }

  /** Says what came out. */
  public void summary(String figures) {
    print("COUNT=%d SEED=%d: %s".formatted(count, seed, figures));
  }

  private void print(String text) {
    long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    System.out.printf("torture %s [%d s] %s%n", name, seconds, text);
  }
}
