package dev.fuselage.snapshot;

import java.util.OptionalLong;

/**
 * What a layer was made of when it was committed, in few bytes: enough to find accidents, not
 * attackers, who could change the record as well.
 *
 * @param metadata of all but what files hold: names, types, modes, owners, sizes, times, links and
 *     attributes
 * @param contents of what files hold; empty if that was not read
 */
public record TreeDigest(long metadata, OptionalLong contents) {}
