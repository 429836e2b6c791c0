/** The node's part in a Kubernetes cluster: what it tells the API server, and hears from it. */
@NullMarked
package dev.fuselage.kubernetes;

import org.jspecify.annotations.NullMarked;
