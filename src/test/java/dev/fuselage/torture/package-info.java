/** Random histories of concurrent callers, and whether a snapshotter could have had them. */
@NullMarked
package dev.fuselage.torture;

import org.jspecify.annotations.NullMarked;
