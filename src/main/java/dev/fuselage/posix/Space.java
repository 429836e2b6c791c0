package dev.fuselage.posix;

/**
 * How full a file system is.
 *
 * @param freeBytes what an ordinary user may still write, without root's reserve
 * @param totalInodes 0 where the file system makes inodes as it needs them
 * @param freeInodes 0 where {@code totalInodes} is
 */
public record Space(long totalBytes, long freeBytes, long totalInodes, long freeInodes) {}
