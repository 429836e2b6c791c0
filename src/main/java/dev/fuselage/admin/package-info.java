/**
 * What an operator may ask of a service beside containerd's API: contracts alone, without any
 * transport, as {@link dev.fuselage.snapshot.Snapshotter} is for containerd.
 */
@NullMarked
package dev.fuselage.admin;

import org.jspecify.annotations.NullMarked;
