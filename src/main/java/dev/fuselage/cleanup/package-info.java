/** Keeps a root in order: deletes what was removed, and finds what a crash left behind. */
@NullMarked
package dev.fuselage.cleanup;

import org.jspecify.annotations.NullMarked;
