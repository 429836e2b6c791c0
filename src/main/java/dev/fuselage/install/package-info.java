/** Our part of containerd's configuration: one drop-in file, and what an admin has to add to it. */
@NullMarked
package dev.fuselage.install;

import org.jspecify.annotations.NullMarked;
