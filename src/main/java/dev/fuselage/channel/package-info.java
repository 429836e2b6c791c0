/** The way of a gRPC client to a unix socket, ours or containerd's; who asks what is above. */
@NullMarked
package dev.fuselage.channel;

import org.jspecify.annotations.NullMarked;
