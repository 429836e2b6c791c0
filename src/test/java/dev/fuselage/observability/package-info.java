@NullMarked
package dev.fuselage.observability;

import org.jspecify.annotations.NullMarked;
