package dev.fuselage;

import dev.fuselage.cli.ExitCode;
import dev.fuselage.grpc.UnusableSocketException;
import dev.fuselage.observability.ManagementServer;
import dev.fuselage.observability.ServiceState;
import dev.fuselage.observability.UnusableAddressException;
import dev.fuselage.overlay.RootException;
import dev.fuselage.posix.ServiceManager;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.util.Optional;
import org.jboss.logging.Logger;
import sun.misc.Signal;

/** {@code fuselage serve}: from the start to the signal that ends it. */
public final class Serve implements QuarkusApplication {
  private static final Logger LOG = Logger.getLogger(Serve.class);

  private final FuselageConfig config;
  private final Instruments instruments;
  private final ServiceState state;
  private final ManagementServer management;
  private volatile Optional<NodeService> started = Optional.empty();

  Serve(FuselageConfig config, Instruments instruments, ManagementServer management) {
    this.config = config;
    this.instruments = instruments;
    this.state = instruments.state();
    this.management = management;
  }

  @Override
  public int run(String... arguments) {
    endInOrderOn("TERM");
    endInOrderOn("INT");
    try (ManagementServer.Running http =
            management.start(config.http().host(), config.http().port());
        NodeService service = NodeService.start(config, instruments, this::show)) {
      started = Optional.of(service);
      show();
      LOG.infof("Serving %s", service.description());
      LOG.infof("Health and metrics on %s", http.uri());
      ServiceManager.notify("READY=1");
      Quarkus.waitForExit();
      started = Optional.empty();
      state.notServing("stopping");
      ServiceManager.notify("STOPPING=1");
      LOG.info("Stopping: calls in flight may end");
    } catch (UnusableAddressException e) {
      return refuse(ExitCode.FAILED, e);
    } catch (UnfitMachineException e) {
      return refuse(ExitCode.PREFLIGHT_FAILED, e);
    } catch (UnusableSocketException e) {
      return refuse(ExitCode.SOCKET_NOT_CREATED, e);
    } catch (RootException e) {
      return refuse(
          switch (e.reason()) {
            case IN_USE -> ExitCode.ROOT_LOCKED;
            case FOREIGN -> ExitCode.BAD_CONFIGURATION;
            case UNUSABLE -> ExitCode.PREFLIGHT_FAILED;
          },
          e);
    } catch (IllegalArgumentException e) {
      return refuse(ExitCode.BAD_CONFIGURATION, e);
    }
    LOG.info("Stopped");
    return ExitCode.OK.code();
  }

  private void show() {
    started.ifPresent(
        service ->
            service
                .obstacle()
                .ifPresentOrElse(state::notServing, () -> state.serving(service.description())));
  }

  /** By default a JVM ends with 128 and the signal's number, which says that something failed. */
  private static void endInOrderOn(String signal) {
    Signal.handle(new Signal(signal), _ -> Quarkus.asyncExit(ExitCode.OK.code()));
  }

  private static int refuse(ExitCode exitCode, Exception why) {
    LOG.fatal(why.getMessage());
    return exitCode.code();
  }
}
