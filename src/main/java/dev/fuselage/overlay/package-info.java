/**
 * The snapshotter itself: directories, mounts and usage, and what the machine under it can do. It
 * mounts nothing that outlives a trial: containerd mounts.
 */
@NullMarked
package dev.fuselage.overlay;

import org.jspecify.annotations.NullMarked;
