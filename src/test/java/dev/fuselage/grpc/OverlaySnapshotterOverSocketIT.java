package dev.fuselage.grpc;

import dev.fuselage.overlay.OverlaySubject;
import dev.fuselage.snapshot.SnapshotterContract;
import dev.fuselage.snapshot.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class OverlaySnapshotterOverSocketIT extends SnapshotterContract {
  @Override
  protected Subject open(Path directory) throws Exception {
    Subject real = OverlaySubject.open(directory.resolve("root"));
    TestServer server = TestServer.of(directory, real.snapshotter());
    SnapshotterClient client = server.client();
    List<AutoCloseable> parts = new ArrayList<>(real.parts());
    parts.addAll(List.of(server, client));
    return new Subject(client, parts);
  }
}
