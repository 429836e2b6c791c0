/** Traces of calls by OpenTelemetry, where an operator wants them. */
@NullMarked
package dev.fuselage.tracing;

import org.jspecify.annotations.NullMarked;
