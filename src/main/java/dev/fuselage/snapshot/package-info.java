/**
 * The domain: what a snapshot is, what may be done to it, and how that fails. No framework, no I/O.
 *
 * <p>The terms are containerd's. A snapshot is known by a <em>key</em> while it is active or a view
 * and by a <em>name</em> once committed; both live in one key space. Its numeric <em>id</em> is
 * ours, is never given out twice, and names its directory, so that no string of a client ever
 * becomes part of a path.
 *
 * <pre>
 *   prepare(key, parent) → Active ── commit(name, key) → Committed ── prepare(…, name) → …
 *   view(key, parent)    → View
 * </pre>
 *
 * Any snapshot may be removed, a committed one only while it has no children.
 */
@NullMarked
package dev.fuselage.snapshot;

import org.jspecify.annotations.NullMarked;
