/**
 * Who holds the disk: every byte of the root by owner. What snapshots take is measured in the
 * background, within a budget; what they are for is containerd's word.
 */
@NullMarked
package dev.fuselage.owners;

import org.jspecify.annotations.NullMarked;
