/**
 * The system calls that Java lacks: calls relative to an open directory, disk usage in blocks, fast
 * walks and removals of trees, service readiness. The one package that uses {@code
 * java.lang.foreign}; it knows nothing of the rest of the project.
 *
 * <p>Names from a directory are bytes, not text. Where this package hands one out as a {@link
 * String}, it is UTF-8; a byte that is no UTF-8 becomes a lone low surrogate (U+DC80 to U+DCFF),
 * and turns back into the same byte when the string is given to a call of this package.
 */
@NullMarked
package dev.fuselage.posix;

import org.jspecify.annotations.NullMarked;
