/** The built distribution as a whole, together with the real containerd. */
@NullMarked
package dev.fuselage.it;

import org.jspecify.annotations.NullMarked;
