/** Tests of the part of containerd's configuration that is ours. */
@NullMarked
package dev.fuselage.install;

import org.jspecify.annotations.NullMarked;
