@NullMarked
package dev.fuselage.containerd;

import org.jspecify.annotations.NullMarked;
