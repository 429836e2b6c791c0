/** What an operator sees of the service: every metric, and its health. */
@NullMarked
package dev.fuselage.observability;

import org.jspecify.annotations.NullMarked;
