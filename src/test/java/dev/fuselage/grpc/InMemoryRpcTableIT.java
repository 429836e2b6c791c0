package dev.fuselage.grpc;

import dev.fuselage.snapshot.InMemorySnapshotter;
import dev.fuselage.snapshot.Subject;
import java.nio.file.Path;

class InMemoryRpcTableIT extends RpcTable {
  @Override
  Subject open(Path directory) {
    return Subject.of(new InMemorySnapshotter());
  }
}
