@NullMarked
package dev.fuselage.kubernetes.maintenance;

import org.jspecify.annotations.NullMarked;
