package dev.fuselage.kubernetes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A service account as a pod of the chart has it: it may do what was granted to it, and no more.
 * Each has a namespace of its own name, in which leases and the like of it are.
 */
public final class Account implements AutoCloseable {
  private final ApiServer server;
  private final String name;
  private final ClusterClient cluster;

  /** Waits until the server has seen what it may do. */
  Account(ApiServer server, String name, List<Grant> grants) {
    this.server = server;
    this.name = name;
    server.apply(Grant.manifest(name, grants));
    server.writeKubeconfig(
        name, server.kubectl("create", "token", "--namespace=" + name, "fuselage").strip());
    cluster = server.client(name);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> grants.stream().allMatch(grant -> grant.isAllowed(cluster, name)));
  }

  /** How it reaches the server, by a token as a pod gets one. */
  public Path kubeconfig() {
    return server.kubeconfig(name);
  }

  /** A client of it, until it is closed. */
  public ClusterClient cluster() {
    return cluster;
  }

  /** All that it asked for, of a server that writes it down. */
  public List<AuditLog.Request> requests() {
    return server.audit().requests(name);
  }

  /** What it asked for and may not do, of a server that writes it down. */
  public List<AuditLog.Request> forbidden() {
    return requests().stream().filter(AuditLog.Request::isForbidden).toList();
  }

  /** The client alone: what is at the server stays, since to make it anew would take its time. */
  @Override
  public void close() {
    cluster.close();
  }
}
