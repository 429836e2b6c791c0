/** containerd's own view of what its snapshots are for, read over its socket. */
@NullMarked
package dev.fuselage.containerd;

import org.jspecify.annotations.NullMarked;
