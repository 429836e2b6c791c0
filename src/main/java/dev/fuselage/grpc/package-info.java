/**
 * The face towards containerd: its gRPC API on a unix socket, and nothing but translation between
 * that and {@link dev.fuselage.snapshot.Snapshotter}; beside it our own API for operators, between
 * that and {@link dev.fuselage.admin.Administration}. This package alone knows the generated
 * messages of both.
 *
 * <p>{@link dev.fuselage.grpc.SocketServer} serves any snapshotter; {@link
 * dev.fuselage.grpc.SnapshotterClient} is the other end, a snapshotter that asks such a socket.
 */
@NullMarked
package dev.fuselage.grpc;

import org.jspecify.annotations.NullMarked;
