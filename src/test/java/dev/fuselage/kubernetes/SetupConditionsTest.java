package dev.fuselage.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class SetupConditionsTest {
  private static final Set<String> LIVE = Set.of("runc", "fuselage");
  private static final Set<String> NOT_LIVE = Set.of("runc");
  private static final Set<String> NOT_TOLD = Set.of();

  private static List<String> shown(Setup.Mode mode, Setup.State state, Set<String> handlers) {
    return shown(mode, state, handlers, new Setup.Plugin.Ours());
  }

  private static List<String> shown(
      Setup.Mode mode, Setup.State state, Set<String> handlers, Setup.Plugin plugin) {
    return SetupConditions.of(new Setup(mode, state, "Why", "why", plugin), handlers).stream()
        .map(
            condition ->
                "%s=%s %s"
                    .formatted(
                        condition.type().label(), condition.status().label(), condition.reason()))
        .toList();
  }

  @Test
  void aFileThatIsCompleteWaitsForARestartUntilItsHandlerIsLive() {
    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE, NOT_LIVE))
        .containsExactly("ContainerdConfigured=True Why", "RestartDue=True HandlerMissing");
    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE, LIVE))
        .containsExactly("ContainerdConfigured=True Why", "RestartDue=False HandlerLive");
    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE, NOT_TOLD))
        .containsExactly("ContainerdConfigured=True Why", "RestartDue=Unknown NotTold");
  }

  @Test
  void asDefaultSnapshotterBothHandlersTell() {
    assertThat(shown(Setup.Mode.DEFAULT_SNAPSHOTTER, Setup.State.COMPLETE, LIVE))
        .contains("RestartDue=True HandlerMissing");
    assertThat(
            shown(
                Setup.Mode.DEFAULT_SNAPSHOTTER,
                Setup.State.COMPLETE,
                Set.of("runc", "fuselage-bootstrap")))
        .as("a file that is on its way out has that alone")
        .contains("RestartDue=True HandlerMissing");
    assertThat(
            shown(
                Setup.Mode.DEFAULT_SNAPSHOTTER,
                Setup.State.COMPLETE,
                Set.of("runc", "fuselage", "fuselage-bootstrap")))
        .contains("RestartDue=False HandlerLive");
  }

  /** Pods of the RuntimeClass would wait for a label that nobody sets. */
  @Test
  void whereTheKubeletNamesNoHandlersTheLabelToSetIsNamed() {
    assertThat(messages(Setup.Mode.OFF, Setup.State.UNASKED))
        .contains("`kubectl label node NODE fuselage.dev/ready=true`");
    assertThat(messages(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE))
        .contains("`kubectl label node NODE fuselage.dev/ready=true`");
    assertThat(messages(Setup.Mode.DEFAULT_SNAPSHOTTER, Setup.State.COMPLETE))
        .contains("fuselage.dev/ready=true fuselage.dev/bootstrap=true`");
  }

  private static String messages(Setup.Mode mode, Setup.State state) {
    return SetupConditions.of(
            new Setup(mode, state, "Why", "why", new Setup.Plugin.Ours()), NOT_TOLD)
        .stream()
        .map(Condition::message)
        .collect(Collectors.joining("\n"));
  }

  @Test
  void aPluginThatIsNotTheOneOfOurFileWaitsForARestartThoughItsHandlerIsLive() {
    Setup.Plugin other = new Setup.Plugin.Other("it runs with the socket /a, not /b");

    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE, LIVE, other))
        .containsExactly("ContainerdConfigured=True Why", "RestartDue=True PluginOutdated");
    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE, NOT_TOLD, other))
        .contains("RestartDue=True PluginOutdated");
    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE, NOT_LIVE, other))
        .contains("RestartDue=True HandlerMissing");
    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.INCOMPLETE, LIVE, other))
        .contains("RestartDue=False NotYet");
    assertThat(
            SetupConditions.of(
                new Setup(Setup.Mode.RUNTIME_CLASS, Setup.State.COMPLETE, "Why", "why", other),
                LIVE))
        .last()
        .extracting(Condition::message)
        .asString()
        .contains("since it runs with the socket /a, not /b: cordon and drain");
  }

  /** By names alone it can't be told which socket containerd dials. */
  @Test
  void whereThePluginIsNotToldALiveHandlerIsNotTakenForMore() {
    Setup untold =
        new Setup(
            Setup.Mode.RUNTIME_CLASS,
            Setup.State.COMPLETE,
            "Why",
            "why",
            new Setup.Plugin.Untold());

    assertThat(SetupConditions.of(untold, LIVE))
        .last()
        .satisfies(
            condition -> {
              assertThat(condition.reason()).isEqualTo("HandlerLive");
              assertThat(condition.message())
                  .contains("a change of fuselage.socket or fuselage.root takes one more start");
            });
  }

  @Test
  void whatAnAdminHasToDoComesBeforeARestart() {
    assertThat(shown(Setup.Mode.RUNTIME_CLASS, Setup.State.INCOMPLETE, NOT_LIVE))
        .containsExactly("ContainerdConfigured=False Why", "RestartDue=False NotYet");
  }

  @Test
  void whereNobodyAskedForAFileTheHandlerAloneCounts() {
    assertThat(shown(Setup.Mode.OFF, Setup.State.UNASKED, LIVE))
        .contains("ContainerdConfigured=True ByAdministrator");
    assertThat(shown(Setup.Mode.OFF, Setup.State.UNASKED, NOT_LIVE))
        .contains("ContainerdConfigured=False NoHandler");
    assertThat(shown(Setup.Mode.OFF, Setup.State.UNASKED, NOT_TOLD))
        .contains("ContainerdConfigured=Unknown NotTold");
  }
}
