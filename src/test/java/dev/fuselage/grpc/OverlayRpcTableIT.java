package dev.fuselage.grpc;

import dev.fuselage.overlay.OverlaySubject;
import dev.fuselage.snapshot.Subject;
import java.nio.file.Path;

class OverlayRpcTableIT extends RpcTable {
  @Override
  Subject open(Path directory) throws Exception {
    return OverlaySubject.open(directory.resolve("root"));
  }
}
