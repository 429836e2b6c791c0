package dev.fuselage.grpc;

import java.time.Duration;

/**
 * A call that is over: the answer has been written or the client is gone, and nobody works for it
 * any more.
 *
 * @param method as metrics name it
 * @param code what the client was told: {@code OK}, {@code NOT_FOUND}, …
 * @param key of the snapshot that it was about; empty if it was about none, or none could be read
 * @param elapsed since its start
 * @param queued how much of it it waited for a free thread
 * @param worked how much of it a thread was at it; for the rest it waited for its client
 * @param where what its thread was last seen at; empty if nobody looked
 */
public record FinishedCall(
    String method,
    String code,
    String key,
    Duration elapsed,
    Duration queued,
    Duration worked,
    String where) {}
