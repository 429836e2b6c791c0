package dev.fuselage.torture;

import dev.fuselage.snapshot.Call;
import dev.fuselage.snapshot.Info;
import dev.fuselage.snapshot.Kind;
import dev.fuselage.snapshot.Listing;
import dev.fuselage.snapshot.SnapshotException;
import dev.fuselage.snapshot.SnapshotException.Code;
import dev.fuselage.snapshot.Snapshotter;
import dev.fuselage.snapshot.Usage;
import dev.fuselage.torture.Outcome.Done;
import dev.fuselage.torture.Outcome.Failed;
import dev.fuselage.torture.Outcome.Saw;
import dev.fuselage.torture.Outcome.Used;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A call that a caller makes, and what it may come to in a sequence of calls. Where several errors
 * apply, any of them may be told.
 */
sealed interface Operation {
  /** Makes the call. */
  Outcome call(Snapshotter snapshotter, Call patience);

  /** The state after it, if in this one the outcome is right; empty if it can't be. */
  Optional<State> after(State state, Outcome outcome);

  /** The key that it is about, empty for all. */
  String key();

  /** All keys that what comes of it depends on; empty for all there are. */
  default Set<String> keys() {
    return Set.of(key());
  }

  /** Whether it changes something if it is done. */
  default boolean isMutation() {
    return true;
  }

  /** Makes the call, whatever comes of it. */
  default Outcome run(Snapshotter snapshotter, Call patience) {
    try {
      return call(snapshotter, patience);
    } catch (SnapshotException e) {
      return new Failed(e.code());
    }
  }

  private static Optional<State> unchangedIf(boolean right, State state) {
    return right ? Optional.of(state) : Optional.empty();
  }

  /** Prepare or, of kind VIEW, View. */
  record Begin(Kind kind, String key, String parent, String number) implements Operation {
    @Override
    public Set<String> keys() {
      return new TreeSet<>(List.of(key, parent));
    }

    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      if (kind == Kind.VIEW) {
        snapshotter.view(patience, key, parent, Entry.labels(number));
      } else {
        snapshotter.prepare(patience, key, parent, Entry.labels(number));
      }
      return new Done();
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      boolean upon = parent.isEmpty() || state.is(Kind.COMMITTED, parent);
      if (outcome instanceof Failed(Code code)) {
        return unchangedIf(
            switch (code) {
              case ALREADY_EXISTS -> state.has(key);
              case NOT_FOUND -> !parent.isEmpty() && !state.has(parent);
              case INVALID_ARGUMENT -> state.has(parent) && !upon;
              default -> false;
            },
            state);
      }
      return upon && !state.has(key)
          ? Optional.of(state.with(key, new Entry(kind, parent, number)))
          : Optional.empty();
    }
  }

  /** Commit, maybe upon a parent that is only named now. */
  record Commit(String name, String key, Optional<String> parent, String number)
      implements Operation {
    @Override
    public Set<String> keys() {
      return new TreeSet<>(List.of(key, name, parent.orElse("")));
    }

    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      snapshotter.commit(patience, name, key, parent, Entry.labels(number));
      return new Done();
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      Optional<Entry> active = state.find(key).filter(entry -> entry.kind() == Kind.ACTIVE);
      String before = active.map(Entry::parent).orElse("");
      boolean other = parent.isPresent() && !parent.get().equals(before);
      boolean upon = !other || (before.isEmpty() && state.is(Kind.COMMITTED, parent.orElse("")));
      if (outcome instanceof Failed(Code code)) {
        return unchangedIf(
            switch (code) {
              case ALREADY_EXISTS -> state.has(name);
              case NOT_FOUND -> !state.has(key) || (other && !state.has(parent.orElse("")));
              case INVALID_ARGUMENT -> other && !before.isEmpty();
              case FAILED_PRECONDITION ->
                  (state.has(key) && active.isEmpty())
                      || (other
                          && state.has(parent.orElse(""))
                          && !state.is(Kind.COMMITTED, parent.orElse("")));
              default -> false;
            },
            state);
      }
      return active.isPresent() && upon && !state.has(name)
          ? Optional.of(
              state
                  .without(key)
                  .with(name, new Entry(Kind.COMMITTED, parent.orElse(before), number)))
          : Optional.empty();
    }
  }

  /** Remove. */
  record Remove(String key) implements Operation {
    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      snapshotter.remove(patience, key);
      return new Done();
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      if (outcome instanceof Failed(Code code)) {
        return unchangedIf(
            switch (code) {
              case NOT_FOUND -> !state.has(key);
              case FAILED_PRECONDITION -> state.has(key) && state.hasChildren(key);
              default -> false;
            },
            state);
      }
      return state.has(key) && !state.hasChildren(key)
          ? Optional.of(state.without(key))
          : Optional.empty();
    }
  }

  /** Update of one label. */
  record Update(String key, String number) implements Operation {
    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      Info info = snapshotter.update(patience, key, labels -> Entry.relabelled(labels, number));
      return new Saw(Map.of(key, Entry.of(info)));
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      Optional<Entry> changed = state.find(key).map(entry -> entry.with(number));
      return switch (outcome) {
        case Failed(Code code) -> unchangedIf(code == Code.NOT_FOUND && !state.has(key), state);
        case Saw(var entries) ->
            changed
                .filter(entry -> entry.equals(entries.get(key)))
                .map(entry -> state.with(key, entry));
        default -> Optional.empty();
      };
    }
  }

  /** Stat. */
  record Stat(String key) implements Operation {
    @Override
    public boolean isMutation() {
      return false;
    }

    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      return new Saw(Map.of(key, Entry.of(snapshotter.stat(key))));
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      Optional<Entry> entry = state.find(key);
      return unchangedIf(
          switch (outcome) {
            case Failed(Code code) -> code == Code.NOT_FOUND && entry.isEmpty();
            case Saw(var entries) -> entry.filter(it -> it.equals(entries.get(key))).isPresent();
            default -> false;
          },
          state);
    }
  }

  /** Mounts. */
  record Mounts(String key) implements Operation {
    @Override
    public boolean isMutation() {
      return false;
    }

    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      snapshotter.mounts(key);
      return new Done();
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      boolean committed = state.is(Kind.COMMITTED, key);
      return unchangedIf(
          outcome instanceof Failed(Code code)
              ? (code == Code.NOT_FOUND && !state.has(key))
                  || (code == Code.FAILED_PRECONDITION && committed)
              : state.has(key) && !committed,
          state);
    }
  }

  /** Usage; all directories are empty. */
  record UsageOf(String key) implements Operation {
    @Override
    public boolean isMutation() {
      return false;
    }

    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      return new Used(snapshotter.usage(patience, key));
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      return unchangedIf(
          switch (outcome) {
            case Failed(Code code) -> code == Code.NOT_FOUND && !state.has(key);
            case Used(Usage usage) ->
                state.has(key) && usage.inodes() == (state.is(Kind.VIEW, key) ? 0 : 1);
            default -> false;
          },
          state);
    }
  }

  /** List, of everything at one moment. */
  record ListAll() implements Operation {
    @Override
    public String key() {
      return "";
    }

    @Override
    public Set<String> keys() {
      return Set.of();
    }

    @Override
    public boolean isMutation() {
      return false;
    }

    @Override
    public Outcome call(Snapshotter snapshotter, Call patience) {
      Map<String, Entry> entries = new HashMap<>();
      try (Listing<Info> listing = snapshotter.list(List.of())) {
        listing.forEachRemaining(info -> entries.put(info.name(), Entry.of(info)));
      }
      return new Saw(entries);
    }

    @Override
    public Optional<State> after(State state, Outcome outcome) {
      return unchangedIf(
          outcome instanceof Saw(var entries) && entries.equals(state.entries()), state);
    }
  }
}
