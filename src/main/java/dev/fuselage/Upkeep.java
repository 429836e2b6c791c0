package dev.fuselage;

import dev.fuselage.admin.Administration;
import dev.fuselage.admin.Quarantine;
import dev.fuselage.admin.Trash;

/** What operators may ask of a service whose store is whole. */
record Upkeep(Trash trash, Quarantine quarantine) implements Administration {}
