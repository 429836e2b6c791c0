@NullMarked
package dev.fuselage.observability.page;

import org.jspecify.annotations.NullMarked;
