/** Tests of the whole: the chart and the image on a real one-node Kubernetes. */
@NullMarked
package dev.fuselage.e2e;

import org.jspecify.annotations.NullMarked;
