@NullMarked
package dev.fuselage.owners;

import org.jspecify.annotations.NullMarked;
