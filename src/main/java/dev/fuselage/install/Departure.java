package dev.fuselage.install;

/**
 * How things stand when our part of containerd's configuration is to go.
 *
 * @param activeSnapshots that containers still have
 * @param handlerLive whether containerd is known to still have our handler; {@code false} also
 *     where nobody tells
 * @param forced whether it goes in spite of both; never while another file names us, since
 *     containerd would then not start any more
 */
public record Departure(long activeSnapshots, boolean handlerLive, boolean forced) {}
