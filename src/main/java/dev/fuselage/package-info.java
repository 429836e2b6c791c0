/** Composition and lifecycle. */
@NullMarked
package dev.fuselage;

import org.jspecify.annotations.NullMarked;
