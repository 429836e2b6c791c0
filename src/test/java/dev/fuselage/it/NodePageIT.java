package dev.fuselage.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fuselage.Needs;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The node page in a real browser, of a service with a real containerd: every area and list is
 * reached, by mouse and by keyboard, and names do no harm. Pictures go to target/pictures.
 */
class NodePageIT {
  /** {@code -Dfuselage.page.images=40} makes the 300 layers of the acceptance. */
  private static final int IMAGES = Integer.getInteger("fuselage.page.images", 8);

  private static final String HOSTILE = "<img src=x onerror=document.title='owned'>";
  private static final int MIB = 1 << 20;
  private static final int TRASH_DIRECTORIES = 200;
  private static final int TAB = 9;
  private static final int ENTER = 13;
  private static final int ESCAPE = 27;
  private static final int RIGHT = 39;

  @RegisterExtension private final Workspace workspace = new Workspace();

  private final Path pictures = Path.of("target", "pictures").toAbsolutePath();

  @Test
  void showsWhoHoldsTheDiskToMouseAndKeyboard() throws Exception {
    Parts.needRoot();
    Parts.needFuse();
    Optional<Path> chromium = Parts.onPath("chromium");
    Needs.that(chromium.isPresent(), "chromium is missing: install the package chromium");
    Path archive = ManyImages.write(workspace, IMAGES);
    try (Namespace namespace = Namespace.asRoot(workspace)) {
      Installation fuselage =
          Installation.in(workspace.path(), namespace, Parts.launcher())
              .with("FUSELAGE_CONTAINERD_SOCKET", workspace.resolve("containerd.sock").toString())
              .with("FUSELAGE_UNCLAIMED_AFTER", "1s")
              // So that there is trash for as long as somebody looks.
              .with("FUSELAGE_REAPER_ENTRIES_PER_SECOND", "1")
              .with("FUSELAGE_USAGE_INTERVAL", "2s")
              .with("FUSELAGE_USAGE_NAMED_SNAPSHOTS", "400");
      try (Service service = fuselage.start();
          Containerd containerd =
              Containerd.start(namespace, Containerd.programs(1), workspace.path(), fuselage)) {
        fill(containerd, fuselage, service, archive);
        try (Browser browser = Browser.start(workspace, chromium.get())) {
          URI page = service.managementAddress().resolve("/");
          look(browser, page);
          walk(browser);
          takePictures(browser, page);
          itHearsOfWhatIsNew(browser, containerd);
          assertThat(browser.requests())
              .isNotEmpty()
              .filteredOn(request -> !request.getScheme().equals("data"))
              .allSatisfy(
                  request -> assertThat(request.getAuthority()).isEqualTo(page.getAuthority()));
          assertThat(browser.complaints()).isEmpty();
        }
        assertThat(service.stop()).as(service.log()).isZero();
      }
    }
  }

  /** Images, pods that wrote, and one of each that holds the disk and should not. */
  private static void fill(
      Containerd containerd, Installation fuselage, Service service, Path archive)
      throws Exception {
    BusyNode node = new BusyNode(containerd, service, IMAGES);
    node.fill(archive, NodePageIT::podName);
    containerd.ctr("snapshots", "prepare", HOSTILE);
    BusyNode.write(fuselage.root().resolve("snapshots/999999/fs"), 3 * MIB);
    for (int i = 0; i < TRASH_DIRECTORIES; i++) {
      BusyNode.write(fuselage.root().resolve("trash/999998/fs/" + i), 5 * MIB / TRASH_DIRECTORIES);
    }
    // The hostile pod is among the largest, which are named at a glance.
    node.write(key -> key.endsWith("/container-2") ? 6 * MIB : key.hashCode() & 0x3fffff);
  }

  /** The third pod's is as hostile as they come. */
  private static String podName(int number) {
    return number == 2 ? HOSTILE : "web-%02d".formatted(number);
  }

  private static void look(Browser browser, URI page) throws Exception {
    browser.resize(1280, 900, false);
    browser.open(page);
    for (String kind : List.of("image", "pod", "unclaimed", "orphan", "trash", "fuselage")) {
      browser.await("document.querySelector('.bar .%s') !== null".formatted(kind));
    }
    browser.await("document.querySelectorAll('#pods tbody tr').length > 0");
    browser.await("document.getElementById('unclaimed').textContent.includes('ctr --namespace')");
    assertThat(browser.value("document.title")).startsWith("Fuselage · ");
    assertThat(browser.value("document.querySelectorAll('img').length")).isEqualTo("0");
    browser.await("document.getElementById('unclaimed').textContent.includes('<img src=x')");
    browser.await("document.getElementById('pods').textContent.includes('<img src=x')");
  }

  private static void walk(Browser browser) throws Exception {
    intoAnImageByMouse(browser);
    browser.press("Escape", ESCAPE);
    assertThat(browser.value("document.title")).doesNotContain("owned");
    browser.value("location.hash = '#/'");
    browser.await("document.getElementById('holders-title').textContent === 'Who holds the disk'");
    throughTheAreasByKeyboard(browser);
    throughAllPartsOfALongList(browser);
  }

  private static void intoAnImageByMouse(Browser browser) throws Exception {
    browser.click("#images tbody button");
    browser.await("document.getElementById('holders-title').textContent.startsWith('Layers ')");
    browser.await("document.querySelectorAll('#chart button').length > 0");
    browser.click("#path a[href*=image]");
    browser.await("document.getElementById('holders-title').textContent === 'Images'");
    browser.await("document.querySelectorAll('#chart button.shared').length === 1");
    browser.click("#chart button.shared");
    browser.await(
        "document.getElementById('holders-title').textContent.includes('several images share')");
    browser.await(
        "document.querySelectorAll('#holders-table tbody tr').length === "
            + ManyImages.sharedLayers(IMAGES));
  }

  private static void throughTheAreasByKeyboard(Browser browser) throws Exception {
    browser.value("document.getElementById('holders').focus()");
    browser.press("Tab", TAB);
    for (int i = 0; i < 5 && !focused(browser, "closest('#chart')"); i++) {
      browser.press("Tab", TAB);
    }
    assertThat(focused(browser, "closest('#chart')")).isTrue();
    String first = browser.value("document.activeElement.getAttribute('aria-label')");
    browser.press("ArrowRight", RIGHT);
    assertThat(browser.value("document.activeElement.getAttribute('aria-label')"))
        .isNotEqualTo(first);
    browser.press("Home", 36);
    browser.press("Enter", ENTER);
    browser.await("location.hash.startsWith('#/kind') || location.hash.startsWith('#/image')");
    browser.await("document.querySelectorAll('#chart button').length > 0");
    browser.await("document.activeElement !== document.body");
    browser.press("Escape", ESCAPE);
    browser.await("document.getElementById('holders-title').textContent === 'Who holds the disk'");
  }

  private static boolean focused(Browser browser, String call) throws Exception {
    return browser.value("document.activeElement.%s !== null".formatted(call)).equals("true");
  }

  private static void throughAllPartsOfALongList(Browser browser) throws Exception {
    browser.value("location.hash = '#/kind?kind=pod'");
    browser.await("document.getElementById('holders-title').textContent === 'Pods'");
    browser.await("document.querySelectorAll('#holders-table tbody tr').length > 0");
    while (browser.value("document.querySelector('.more') !== null").equals("true")) {
      String rows = browser.value("document.querySelectorAll('#holders-table tbody tr').length");
      browser.click(".more");
      browser.await(
          "document.querySelectorAll('#holders-table tbody tr').length > %s".formatted(rows));
    }
    assertThat(browser.value("document.querySelectorAll('#holders-table tbody tr').length"))
        .isEqualTo(Integer.toString(BusyNode.containers(IMAGES)));
    browser.value("location.hash = '#/'");
  }

  private static void itHearsOfWhatIsNew(Browser browser, Containerd containerd) {
    containerd.ctr("snapshots", "prepare", "a new one");
    browser.await("document.getElementById('unclaimed').textContent.includes('a new one')");
  }

  private void takePictures(Browser browser, URI page) throws Exception {
    for (String scheme : List.of("light", "dark")) {
      browser.prefer(scheme);
      take(browser, page, scheme, "desk", 1280, 900, false);
      take(browser, page, scheme, "tablet", 800, 1100, false);
      take(browser, page, scheme, "phone", 390, 844, true);
    }
    String dark = browser.value("getComputedStyle(document.body).backgroundColor");
    browser.prefer("light");
    assertThat(browser.value("getComputedStyle(document.body).backgroundColor")).isNotEqualTo(dark);
  }

  private void take(
      Browser browser, URI page, String scheme, String size, int width, int height, boolean phone)
      throws Exception {
    browser.resize(width, height, phone);
    browser.open(page);
    browser.await("document.querySelectorAll('#chart button').length > 0");
    Awaitility.await("nothing to be wider than the screen")
        .atMost(Duration.ofSeconds(10))
        .until(
            () ->
                browser
                    .value("document.documentElement.scrollWidth")
                    .equals(Integer.toString(width)));
    browser.picture(pictures.resolve("%s-%s.png".formatted(size, scheme)), false);
    browser.picture(pictures.resolve("%s-%s-whole.png".formatted(size, scheme)), true);
  }
}
