package dev.fuselage.observability;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets in what a path is there for: its own name, GET and HEAD, and where only this machine may
 * ask, only under a name of this machine. Else a web page could have its own host name resolved to
 * 127.0.0.1, and read in its visitor's browser what is meant for loopback ("DNS rebinding").
 */
final class Gate extends Filter {
  private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[^]]*]|[^:]*)(:\\d*)?");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]", Pattern.CASE_INSENSITIVE);

  private final String path;
  private final Hosts hosts;

  /** Under which names one may ask. */
  sealed interface Hosts {
    /** Under any. */
    record Any() implements Hosts {}

    /**
     * Under those of loopback.
     *
     * @param configured under which it was told to listen; may be asked for, too
     */
    record Loopback(String configured) implements Hosts {}
  }

  Gate(String path, Hosts hosts) {
    this.path = path;
    this.hosts = hosts;
  }

  @Override
  public String description() {
    return "host, path and method";
  }

  @Override
  public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
    String method = exchange.getRequestMethod();
    if (!isNamed(exchange.getRequestHeaders().getFirst("Host"))) {
      refuse(exchange, 421);
    } else if (!exchange.getRequestURI().getPath().equals(path)) {
      refuse(exchange, 404);
    } else if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      refuse(exchange, 405);
    } else {
      chain.doFilter(exchange);
    }
  }

  private static void refuse(HttpExchange exchange, int status) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, -1);
    }
  }

  private boolean isNamed(@Nullable String host) {
    return switch (hosts) {
      case Hosts.Any _ -> true;
      case Hosts.Loopback(String configured) -> {
        var parts = HOST_AND_PORT.matcher(host == null ? "" : host);
        yield parts.matches()
            && (LOOPBACK.matcher(parts.group(1)).matches()
                || parts.group(1).toLowerCase(Locale.ROOT).equals(bracketed(configured)));
      }
    };
  }

  private static String bracketed(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.contains(":") ? "[" + lower + "]" : lower;
  }
}
