package dev.fuselage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.cli.Shell.Result;
import dev.fuselage.kubernetes.Account;
import dev.fuselage.kubernetes.ApiServer;
import dev.fuselage.kubernetes.ClusterClient;
import dev.fuselage.kubernetes.Grant;
import dev.fuselage.kubernetes.NodeAgent;
import dev.fuselage.kubernetes.ObedientAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The role of the Job that the chart asks before it goes, against what that asks of an API server:
 * nothing too little, and nothing too much.
 */
class UninstallPermissionsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final AtomicInteger RUNS = new AtomicInteger();

  private static Optional<ApiServer> started = Optional.empty();

  private final ApiServer server = started.orElseThrow();
  private final String name = "hook-" + RUNS.incrementAndGet();

  /** What the Job does, which depends on whether nodes hear. */
  enum Task {
    ASK(true, "--wait=60s", "--daemonset=agents"),
    LOOK(false, "--dry-run");

    private final boolean heard;
    private final List<String> options;

    Task(boolean heard, String... options) {
      this.heard = heard;
      this.options = List.of(options);
    }

    List<Grant> grants() {
      return Grant.ofUninstallHook(heard);
    }
  }

  @BeforeAll
  static void startServer() {
    started = Optional.of(ApiServer.startAudited());
  }

  @AfterAll
  static void stopServer() {
    started.ifPresent(ApiServer::close);
  }

  @AfterEach
  void tidy() {
    server.deleteNodes(name);
  }

  static Stream<Arguments> grants() {
    return Arrays.stream(Task.values())
        .flatMap(task -> task.grants().stream().map(grant -> Arguments.of(task, grant)));
  }

  @ParameterizedTest
  @EnumSource
  void withAllThatTheChartGrantsNothingIsRefused(Task task) {
    List<Grant> grants = task.grants();
    assertThat(grants).isNotEmpty().doesNotHaveDuplicates();

    try (Account account = server.account(name, grants)) {
      Result result = run(task, account);

      assertThat(result.exitCode()).as(result::err).isZero();
      assertThat(account.forbidden()).isEmpty();
    }
  }

  @ParameterizedTest(name = "to {0}, without: {1}")
  @MethodSource("grants")
  void withoutAnyVerbOfItSomethingIsRefused(Task task, Grant missing) {
    List<Grant> others = task.grants().stream().filter(grant -> !grant.equals(missing)).toList();

    try (Account account = server.account(name, others)) {
      Result result = run(task, account);

      assertThat(result.exitCode()).isEqualTo(ExitCode.UNAVAILABLE.code());
      assertThat(account.forbidden())
          .as("nothing needs `%s`: take it out of the chart", missing)
          .isNotEmpty()
          .allMatch(missing::isMissedBy);
    }
  }

  /** As the Job does it, with a node that lets go when it is asked. */
  private Result run(Task task, Account account) {
    server.makeNode(name);
    try (ClusterClient admin = server.client(ApiServer.ADMIN);
        NodeAgent _ = ObedientAgent.begin(admin, name, ObedientAgent.NO_SIGNALS)) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> server.tryKubectl("get", "fsn", name).isPresent());
      List<String> line = new ArrayList<>(List.of("uninstall", "--kubeconfig"));
      line.add(account.kubeconfig().toString());
      line.addAll(task.options);
      return Shell.script(new FakeSnapshotter())
          .with("FUSELAGE_KUBERNETES_NAMESPACE", name)
          .run(line.toArray(String[]::new));
    }
  }
}
