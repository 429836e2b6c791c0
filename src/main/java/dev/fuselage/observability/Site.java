package dev.fuselage.observability;

import com.sun.net.httpserver.HttpHandler;

/** What the management server answers beside health and metrics. */
public interface Site {
  /**
   * Names what it answers. Called once, before the server runs.
   *
   * <p>Handlers are called for GET and HEAD of their very path alone. They may return before they
   * have answered, and should where an answer can take its time: the threads that call them answer
   * probes, too.
   */
  void open(Routes routes);

  /** Ends what it does for the server, which answers no more. */
  void close();

  /** Takes what a site answers. */
  @FunctionalInterface
  interface Routes {
    /** Has a path answered. */
    void add(String path, HttpHandler handler);
  }
}
