@NullMarked
package dev.fuselage.kubernetes;

import org.jspecify.annotations.NullMarked;
