package dev.fuselage.grpc;

import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.SnapshotterContract;
import dev.fuselage.snapshot.Subject;
import java.nio.file.Path;

class InMemorySnapshotterOverSocketIT extends SnapshotterContract {
  @Override
  protected Subject open(Path directory) {
    TestServer server = TestServer.of(directory, new InMemorySnapshotter());
    SnapshotterClient client = server.client();
    return Subject.of(client, server, client);
  }
}
