package dev.fuselage;

import dev.fuselage.install.Entrance;
import dev.fuselage.overlay.DriverChoice;
import dev.fuselage.overlay.SyncMode;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What an operator may set, as properties, YAML, or environment ({@code FUSELAGE_ROOT}). See
 * docs/configuration.md.
 */
@ConfigMapping(prefix = "fuselage")
public interface FuselageConfig {
  /** The directory that layers, container file systems and metadata live in. */
  @WithDefault("/var/lib/fuselage")
  Path root();

  /** The unix socket that containerd connects to. */
  @WithDefault("/run/fuselage/fuselage.sock")
  Path socket();

  /** Who serves overlays: the kernel or fuse-overlayfs; auto takes the kernel where it works. */
  @WithDefault("auto")
  DriverChoice driver();

  /** What is on disk before a mutation is acknowledged: full, or metadata alone. */
  @WithDefault("full")
  SyncMode sync();

  /** Options that every overlay mount gets besides its own. */
  Optional<List<String>> mountOptions();

  /**
   * Whether labels that map ids are obeyed. Set it as {@code remap-ids} is advertised in
   * containerd's proxy plugin entry; unset means wherever the driver can.
   */
  Optional<Boolean> remapIds();

  /** Whether answers name the directory that takes a snapshot's writes, in a label. */
  @WithDefault("false")
  boolean upperdirLabel();

  /** Uids that may speak on the socket besides 0 and the service's own. */
  Optional<Set<Integer>> allowedUids();

  Limits limits();

  Usage usage();

  Containerd containerd();

  /** How long nobody must have needed a snapshot before it is called unclaimed. */
  @WithDefault("1h")
  Duration unclaimedAfter();

  Reaper reaper();

  Reconcile reconcile();

  Verify verify();

  Watchdog watchdog();

  Canary canary();

  Http http();

  Store store();

  LowSpace lowSpace();

  Backup backup();

  Kubernetes kubernetes();

  Traces traces();

  /** The longest that calls in flight are waited for at a stop. */
  @WithDefault("10s")
  Duration drain();

  /** The most that a client may ask for. */
  interface Limits {
    /** Bytes of a key or name. */
    @WithDefault("4096")
    int key();

    /** Bytes of all labels of a snapshot together. */
    @WithDefault("65536")
    int labels();

    /** Layers below a snapshot. */
    @WithDefault("500")
    int depth();

    /** Of one request. */
    @WithDefault("4M")
    MemorySize message();

    /** Calls under way on one connection. */
    @WithDefault("256")
    int callsPerConnection();

    /** Connections open at a time. */
    @WithDefault("256")
    int connections();

    /** Threads that serve calls which may wait for the disk. */
    @WithDefault("32")
    int threads();
  }

  /** How the disk that snapshots take is measured. */
  interface Usage {
    /** The oldest answer to Usage of an active snapshot; 0 walks its tree at every call. */
    @WithDefault("5s")
    Duration maxAge();

    /** Between two rounds of measuring, at least; it grows on roots that take long to measure. */
    @WithDefault("60s")
    Duration interval();

    /** Of all walks in the background together. */
    @WithDefault("20000")
    int entriesPerSecond();

    /** Active snapshots that one round walks at most, those not walked for longest first. */
    @WithDefault("500")
    int snapshotsPerRound();

    /** How many snapshots metrics name, the largest ones; the rest is summed. */
    @WithDefault("200")
    int namedSnapshots();

    /** Soft limit of writable snapshots without a label max-size; unset for none. */
    Optional<MemorySize> maxSize();
  }

  /** containerd itself, asked what its snapshots are for. */
  interface Containerd {
    /** Its socket; unset, owners are guessed from keys and labels. */
    Optional<Path> socket();

    /** By which way its pods come to us, as far as we are to write that down for it. */
    @WithDefault("off")
    Entrance install();

    /** Its main configuration file, as it has it. */
    @WithDefault("/etc/containerd/config.toml")
    Path config();

    /** The file of ours that is written beside. */
    @WithDefault("/etc/containerd/conf.d/fuselage.toml")
    Path dropIn();

    /** Where the kubelet finds static pods. */
    @WithDefault("/etc/kubernetes/manifests")
    Path staticPods();
  }

  /** How calls that do not end are noticed. */
  interface Watchdog {
    /** A call that is at it for longer is stuck, and the service is not ready until it ends. */
    @WithDefault("60s")
    Duration stuckAfter();
  }

  /** How records and directories are brought together. */
  interface Reconcile {
    /** Between the end of one and the beginning of the next; zero does it at the start alone. */
    @WithDefault("1h")
    Duration every();
  }

  /** How layers are checked for silent damage. */
  interface Verify {
    /**
     * Whether Commit and the checks read what files hold, beside all else that a layer is made of.
     */
    @WithDefault("false")
    boolean contents();

    /**
     * Between the end of one check and the beginning of the next; zero checks only when asked to.
     */
    @WithDefault("24h")
    Duration every();

    /** The pace at which layers are looked at. */
    @WithDefault("20000")
    int entriesPerSecond();
  }

  /** The metadata store. */
  interface Store {
    /** What is done at the start if the store is damaged: refuse all calls and wait, or rebuild. */
    @WithDefault("refuse")
    OnDamage onDamage();
  }

  /** Which backups of the metadata store are made and kept. */
  interface Backup {
    /** The time from one to the next, or {@code off}. */
    @WithDefault("6h")
    Interval every();

    /** The most that are kept. */
    @WithDefault("12")
    int keep();

    /** The age that they are kept to; the youngest stays whatever its age. */
    @WithDefault("14d")
    Duration maxAge();

    /** Where they are; unset means {@code backups} in the root. */
    Optional<Path> directory();
  }

  /** What is kept free of the root's file system. */
  interface LowSpace {
    /** Below it new snapshots are refused; unset means 1 %, but at most 256 MiB; 0 for never. */
    Optional<MemorySize> threshold();

    /** The size of a file that is given up when there is no space left for removals; 0 for none. */
    @WithDefault("16M")
    MemorySize reserve();
  }

  /** How removed snapshots are deleted in the background. */
  interface Reaper {
    /** The pace while nobody waits for it. */
    @WithDefault("20000")
    int entriesPerSecond();

    /** Percent of space or inodes free below which it goes at full speed; zero for never. */
    @WithDefault("10")
    int fullSpeedBelow();

    /** The longest that one Cleanup call takes. */
    @WithDefault("60s")
    Duration cleanupLimit();
  }

  /** When the service tries for itself whether layers can be made. */
  interface Canary {
    /** From one try to the next; 0 for none. */
    @WithDefault("60s")
    Duration every();

    /** How long a try may take before the service is not ready. */
    @WithDefault("10s")
    Duration limit();
  }

  /** Traces of calls by OpenTelemetry. */
  interface Traces {
    /** Where a collector takes OTLP over HTTP; unset, there are no traces. */
    Optional<URI> endpoint();

    /** How many of the calls whose caller did not decide leave a trace, from 0 to 1. */
    @WithDefault("1")
    double ratio();
  }

  /** Where health and metrics are read. */
  interface Http {
    /** Names of images and pods are seen there without a login, so loopback unless told. */
    @WithDefault("127.0.0.1")
    String host();

    /** 0 for any free one. */
    @WithDefault("9750")
    int port();
  }

  /** What the service is to the cluster that its node belongs to. */
  interface Kubernetes {
    /** Whether it speaks with the API server at all. */
    @WithDefault("false")
    boolean enabled();

    /** How to reach the API server from outside a pod; unset takes the pod's service account. */
    Optional<Path> kubeconfig();

    /** The name of the Node that the service runs on; needed. */
    Optional<String> node();

    /** The namespace of the service's own pod, and of what is coordinated by Leases. */
    @WithDefault("fuselage-system")
    String namespace();

    /** Whether events are written about the Node, and about pods that take too much. */
    @WithDefault("true")
    boolean events();

    /** Whether the Node has the taint fuselage.dev/not-ready while the service is not ready. */
    @WithDefault("false")
    boolean taint();

    /** Whether the Node has the taint fuselage.dev/low-space while new snapshots are refused. */
    @WithDefault("false")
    boolean lowSpaceTaint();

    /** Whether the Node has the condition FuselageReady. */
    @WithDefault("false")
    boolean nodeCondition();

    /** Whether the Node has the label fuselage.dev/ready while its containerd knows the handler. */
    @WithDefault("true")
    boolean label();

    /** Whether FuselageMaintenances are carried out. */
    @WithDefault("true")
    boolean maintenance();

    /** Whether a FuselageMaintenance may evict the node's pods. */
    @WithDefault("false")
    boolean evacuate();
  }
}
