package dev.fuselage.grpc;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.LabelChange;
import dev.fuselage.snapshot.Labels;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.Mount;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import java.util.List;
import java.util.Optional;

/** Passes every call on, for tests that make one method behave badly. */
public class ForwardingSnapshotter implements Snapshotter {
  private final Snapshotter to;

  public ForwardingSnapshotter(Snapshotter to) {
    this.to = to;
  }

  @Override
  public Info stat(String key) {
    return to.stat(key);
  }

  @Override
  public Info update(Call call, String key, LabelChange change) {
    return to.update(call, key, change);
  }

  @Override
  public Usage usage(Call call, String key) {
    return to.usage(call, key);
  }

  @Override
  public List<Mount> mounts(String key) {
    return to.mounts(key);
  }

  @Override
  public List<Mount> prepare(Call call, String key, String parent, Labels labels) {
    return to.prepare(call, key, parent, labels);
  }

  @Override
  public List<Mount> view(Call call, String key, String parent, Labels labels) {
    return to.view(call, key, parent, labels);
  }

  @Override
  public void commit(Call call, String name, String key, Optional<String> parent, Labels labels) {
    to.commit(call, name, key, parent, labels);
  }

  @Override
  public void remove(Call call, String key) {
    to.remove(call, key);
  }

  @Override
  public Listing<Info> list(List<String> filters) {
    return to.list(filters);
  }

  @Override
  public void cleanup(Call call) {
    to.cleanup(call);
  }
}
