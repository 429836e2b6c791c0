/** What the build does with a finished distribution before it is one. */
@NullMarked
package dev.fuselage.dist;

import org.jspecify.annotations.NullMarked;
