package dev.fuselage;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.StoreCare;
import dev.fuselage.admin.Trash;
import dev.fuselage.admin.Verification;

/** What operators may ask of a service whose store is whole. */
record Upkeep(Trash trash, Quarantine quarantine, Verification verification, StoreCare storeCare)
    implements Administration {}
