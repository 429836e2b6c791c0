package dev.fuselage.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.overlay.DriverProbe.CannotTry;
import dev.fuselage.overlay.DriverProbe.DoesNotWork;
import dev.fuselage.overlay.DriverProbe.OverlayAbilities;
import dev.fuselage.overlay.DriverProbe.Resolution;
import dev.fuselage.overlay.DriverProbe.Works;
import dev.fuselage.overlay.Finding.Level;
import org.junit.jupiter.api.Test;

class DriverProbeTest {
  private static final OverlayAbilities ABLE = new OverlayAbilities(true, true, false);

  @Test
  void autoTakesTheKernelsOverlayOnlyWhereItWorks() {
    Resolution resolution = DriverProbe.resolve(DriverChoice.AUTO, new Works(ABLE));

    assertThat(resolution.driver()).isEqualTo(Driver.OVERLAYFS);
    assertThat(resolution.abilities()).isEqualTo(ABLE);
    assertThat(resolution.finding().level()).isEqualTo(Level.OK);
  }

  @Test
  void whetherIdMappedLayersWorkIsSaid() {
    OverlayAbilities mapped = new OverlayAbilities(false, true, true);

    assertThat(DriverProbe.resolve(DriverChoice.AUTO, new Works(mapped)).finding().detail())
        .endsWith("and so did one of id-mapped layers");
    assertThat(DriverProbe.resolve(DriverChoice.OVERLAYFS, new Works(ABLE)).finding().detail())
        .endsWith("id-mapped layers did not");
  }

  @Test
  void autoTakesFuseOverlayfsWhereTheKernelsOverlayDoesNotWorkAndSaysWhy() {
    Resolution resolution = DriverProbe.resolve(DriverChoice.AUTO, new DoesNotWork("no xattrs"));

    assertThat(resolution.driver()).isEqualTo(Driver.FUSE_OVERLAYFS);
    assertThat(resolution.abilities()).isEqualTo(OverlayAbilities.NONE);
    assertThat(resolution.finding().level()).isEqualTo(Level.OK);
    assertThat(resolution.finding().detail()).contains("no xattrs");
  }

  @Test
  void autoTakesFuseOverlayfsWhereNothingCanBeTried() {
    Resolution resolution = DriverProbe.resolve(DriverChoice.AUTO, new CannotTry("EPERM", ABLE));

    assertThat(resolution.driver()).isEqualTo(Driver.FUSE_OVERLAYFS);
    assertThat(resolution.abilities()).isEqualTo(OverlayAbilities.NONE);
    assertThat(resolution.finding().level()).isEqualTo(Level.OK);
  }

  @Test
  void anOverlayThatIsConfiguredAndDoesNotWorkIsFatalWithARemedy() {
    Resolution resolution = DriverProbe.resolve(DriverChoice.OVERLAYFS, new DoesNotWork("old"));

    assertThat(resolution.driver()).isEqualTo(Driver.OVERLAYFS);
    assertThat(resolution.finding().line())
        .startsWith("FATAL driver: overlayfs is configured, but does not work here: old — set ");
  }

  @Test
  void anOverlayThatIsConfiguredAndCannotBeTriedIsTrustedWithAWarning() {
    Resolution resolution =
        DriverProbe.resolve(DriverChoice.OVERLAYFS, new CannotTry("EPERM", ABLE));

    assertThat(resolution.driver()).isEqualTo(Driver.OVERLAYFS);
    assertThat(resolution.abilities()).isEqualTo(ABLE);
    assertThat(resolution.finding().level()).isEqualTo(Level.WARN);
  }

  @Test
  void fuseOverlayfsThatIsConfiguredIsTakenHoweverTheTrialWent() {
    Resolution resolution = DriverProbe.resolve(DriverChoice.FUSE_OVERLAYFS, new Works(ABLE));

    assertThat(resolution.driver()).isEqualTo(Driver.FUSE_OVERLAYFS);
    assertThat(resolution.abilities()).isEqualTo(OverlayAbilities.NONE);
  }

  @Test
  void driversAndChoicesAreFoundByTheirLabelsAlone() {
    assertThat(Driver.values()).allMatch(it -> Driver.parse(it.label()).orElseThrow() == it);
    assertThat(DriverChoice.values())
        .allMatch(it -> DriverChoice.parse(it.label()).orElseThrow() == it);
    assertThat(Driver.parse("auto")).isEmpty();
    assertThat(DriverChoice.parse("Auto")).isEmpty();
    assertThat(DriverChoice.parse("")).isEmpty();
  }
}
