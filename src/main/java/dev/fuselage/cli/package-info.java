/**
 * What a person types: commands that ask the service over its own socket, as containerd does, and
 * print what it says.
 *
 * <p>No command boots the application; {@code serve} alone hands over to it. Text from outside,
 * keys and labels, never reaches a terminal with its control characters.
 */
@NullMarked
package dev.fuselage.cli;

import org.jspecify.annotations.NullMarked;
