package dev.fuselage.observability;

import java.util.List;

/** Every metric of ours, as Prometheus sees it. docs/metrics.md is made from this list. */
enum Family {
  RPC_DURATION(
      "fuselage_rpc_duration_seconds",
      Type.HISTOGRAM,
      "Time that calls of containerd's snapshotter API took",
      "method",
      "code"),
  RPC_DURATION_MAX(
      "fuselage_rpc_duration_seconds_max",
      Type.GAUGE,
      "The longest of those calls in the last minutes",
      "method",
      "code"),
  RPC_IN_FLIGHT(
      "fuselage_rpc_in_flight",
      Type.GAUGE,
      "Calls of containerd's snapshotter API under way",
      "method"),
  BUILD_INFO(
      "fuselage_build_info", Type.GAUGE, "1; the labels tell what is running", "version", "java"),
  ROOT_BYTES("fuselage_root_bytes", Type.GAUGE, "All that the root takes, as du counts it"),
  ROOT_INODES("fuselage_root_inodes", Type.GAUGE, "Inodes that the root takes"),
  OWNER_BYTES(
      "fuselage_owner_bytes",
      Type.GAUGE,
      "What the root takes, by the kind of its owner: image, pod, container, unpacking, unclaimed,"
          + " pending, unknown, orphan, trash or fuselage; together fuselage_root_bytes",
      "kind"),
  OWNER_INODES("fuselage_owner_inodes", Type.GAUGE, "The same in inodes", "kind"),
  OWNER_ENTRIES(
      "fuselage_owner_entries",
      Type.GAUGE,
      "Snapshots, or trees for what is no snapshot, by the kind of their owner",
      "kind"),
  POD_BYTES(
      "fuselage_pod_bytes",
      Type.GAUGE,
      "What a pod's containers wrote, and layers that no image but they need; the smallest pods are"
          + " summed under the empty namespace as other",
      "namespace",
      "pod"),
  IMAGE_BYTES(
      "fuselage_image_bytes",
      Type.GAUGE,
      "Layers that one image alone needs; those of several images are summed as (shared), the"
          + " smallest images under the empty namespace as other",
      "namespace",
      "image"),
  IMAGE_SHARED_BYTES(
      "fuselage_image_shared_bytes",
      Type.GAUGE,
      "Layers of an image that other images need, too; counted at each of them",
      "namespace",
      "image"),
  CONTAINER_BYTES(
      "fuselage_container_bytes",
      Type.GAUGE,
      "As fuselage_pod_bytes, for containers that Kubernetes did not make",
      "namespace",
      "container"),
  SNAPSHOTS("fuselage_snapshots", Type.GAUGE, "Snapshots by kind", "kind"),
  SNAPSHOTS_BYTES("fuselage_snapshots_bytes", Type.GAUGE, "What snapshots take, by kind", "kind"),
  SNAPSHOT_BYTES(
      "fuselage_snapshot_bytes",
      Type.GAUGE,
      "What the largest snapshots take; the rest is summed with the kind other, so that the sum is"
          + " that of all snapshots",
      "snapshot",
      "kind",
      "owner"),
  SNAPSHOT_INODES(
      "fuselage_snapshot_inodes",
      Type.GAUGE,
      "Inodes of the same snapshots",
      "snapshot",
      "kind",
      "owner"),
  SNAPSHOT_OVER_LIMIT_BYTES(
      "fuselage_snapshot_over_limit_bytes",
      Type.GAUGE,
      "By how much writable snapshots exceed their soft limit; absent for those within",
      "snapshot"),
  SNAPSHOTS_OVER_LIMIT(
      "fuselage_snapshots_over_limit", Type.GAUGE, "Writable snapshots over their soft limit"),
  PART_BYTES(
      "fuselage_part_bytes",
      Type.GAUGE,
      "What is Fuselage's own: store, backups, and files for the rest",
      "part"),
  FILESYSTEM_SIZE(
      "fuselage_filesystem_size_bytes", Type.GAUGE, "Size of the file system of the root"),
  FILESYSTEM_FREE(
      "fuselage_filesystem_free_bytes", Type.GAUGE, "What an ordinary user may still write there"),
  FILESYSTEM_INODES(
      "fuselage_filesystem_inodes",
      Type.GAUGE,
      "Inodes of that file system; 0 where it makes them as it needs them"),
  FILESYSTEM_INODES_FREE(
      "fuselage_filesystem_inodes_free", Type.GAUGE, "Inodes that are left there"),
  MEASURED_AGE(
      "fuselage_measurement_age_seconds",
      Type.GAUGE,
      "How long ago the disk was measured; all metrics of bytes are as old"),
  MEASURED_OLDEST(
      "fuselage_measurement_oldest_walk_seconds",
      Type.GAUGE,
      "How old the oldest walk of an active snapshot was then"),
  MEASURED_DURATION(
      "fuselage_measurement_duration_seconds",
      Type.GAUGE,
      "How long the last measuring took, without the pauses of its pace"),
  MEASURED_NOT_YET(
      "fuselage_measurement_unmeasured_snapshots",
      Type.GAUGE,
      "Active snapshots that were not measured since the start, and count as nothing"),
  MEASURED_UNREADABLE(
      "fuselage_measurement_unreadable_trees",
      Type.GAUGE,
      "Trees in the root that could not be read, and count as what they last took; the log names"
          + " them"),
  CONTAINERD_CONNECTED(
      "fuselage_containerd_connected",
      Type.GAUGE,
      "1 if containerd told what its snapshots are for; at 0 owners are guessed from keys"),
  SYNC_DURATION(
      "fuselage_sync_duration_seconds",
      Type.HISTOGRAM,
      "Time that writing to the disk took: of the store's log (log); of what a new snapshot is made"
          + " of (entries), on ext4 and XFS by the sync of its record file, which has all before it"
          + " on the disk, and which Update makes for new labels, too, elsewhere by that of the"
          + " directory of all snapshots; of layers' files (data)",
      "what"),
  SYNC_CALLERS(
      "fuselage_sync_callers_total",
      Type.COUNTER,
      "Callers that were served by those syncs; divided by their count it tells how many share one",
      "what"),
  STORE_HEALTHY(
      "fuselage_store_healthy",
      Type.GAUGE,
      "1 if the metadata store writes durably; at 0 calls that change something get UNAVAILABLE"),
  CANARY_SUCCESS(
      "fuselage_canary_success_timestamp_seconds",
      Type.GAUGE,
      "When the service last made an empty layer for itself, to see whether it can; 0 if it never"
          + " did"),
  CANARY_DURATION(
      "fuselage_canary_duration_seconds", Type.GAUGE, "How long its last try took, failed or not"),
  BACKUP_COMPLETED(
      "fuselage_backup_completed_timestamp_seconds",
      Type.GAUGE,
      "When the youngest backup of the store was made; 0 if none is known yet"),
  BACKUP_INTERVAL(
      "fuselage_backup_interval_seconds",
      Type.GAUGE,
      "How often a backup is to be made; 0 for never"),
  TRASH_TREES("fuselage_trash_trees", Type.GAUGE, "Removed snapshots that are not deleted yet"),
  TRASH_ENTRIES(
      "fuselage_trash_known_entries",
      Type.GAUGE,
      "Entries of the removed layers that are not deleted yet"),
  TRASH_BYTES(
      "fuselage_trash_known_bytes",
      Type.GAUGE,
      "Disk of the removed layers that are not deleted yet"),
  TRASH_OLDEST(
      "fuselage_trash_oldest_age_seconds", Type.GAUGE, "Age of the oldest tree in the trash"),
  REAPER_ENTRIES(
      "fuselage_reaper_entries_total", Type.COUNTER, "Entries deleted, directories among them"),
  REAPER_TREES("fuselage_reaper_trees_total", Type.COUNTER, "Removed snapshots deleted whole"),
  REAPER_FAILURES(
      "fuselage_reaper_failures_total", Type.COUNTER, "Times that a tree could not be deleted"),
  REAPER_STUCK(
      "fuselage_reaper_stuck_trees",
      Type.GAUGE,
      "Trees that could not be deleted at their last try"),
  VERIFY_ENTRIES(
      "fuselage_verify_entries_total", Type.COUNTER, "Entries of layers that were verified"),
  VERIFY_DAMAGES("fuselage_verify_damages_total", Type.COUNTER, "Findings that meant damage"),
  VERIFY_COMPLETED(
      "fuselage_verify_completed_timestamp_seconds",
      Type.GAUGE,
      "When a verification last came to its end, 0 if none did"),
  QUARANTINE_SNAPSHOTS(
      "fuselage_quarantine_snapshots",
      Type.GAUGE,
      "Snapshots that may not be used since they are damaged");

  /** Prometheus' types, as far as they are used here. */
  enum Type {
    GAUGE,
    COUNTER,
    HISTOGRAM
  }

  private final String metric;
  private final Type type;
  private final String help;
  private final List<String> labels;

  Family(String metric, Type type, String help, String... labels) {
    this.metric = metric;
    this.type = type;
    this.help = help;
    this.labels = List.of(labels);
  }

  String metric() {
    return metric;
  }

  Type type() {
    return type;
  }

  String help() {
    return help;
  }

  List<String> labels() {
    return labels;
  }
}
