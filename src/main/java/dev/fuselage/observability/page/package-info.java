/** The node page: what this node's disk is spent on, for a browser. Reads only. */
@NullMarked
package dev.fuselage.observability.page;

import org.jspecify.annotations.NullMarked;
