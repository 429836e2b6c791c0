/**
 * The metadata store: its contract, and its implementation in RocksDB.
 *
 * <p>This package alone knows RocksDB. A mutation runs against a {@link
 * dev.fuselage.metadata.Transaction}, one after the other, so that it never meets another one half
 * way; those that wait at the same time share one synced write of the log.
 */
@NullMarked
package dev.fuselage.metadata;

import org.jspecify.annotations.NullMarked;
