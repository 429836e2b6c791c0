package dev.fuselage.grpc;

import java.time.Duration;

/**
 * A call that a thread works for, or that waits for one.
 *
 * @param method as metrics name it
 * @param key of the snapshot that it is about; empty if it is about none
 * @param since how long it has been at it
 * @param where what it waits for: the innermost steps of its thread, or a free thread
 */
public record CallUnderWay(String method, String key, Duration since, String where) {}
