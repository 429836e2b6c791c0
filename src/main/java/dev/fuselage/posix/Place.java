package dev.fuselage.posix;

/**
 * Where a name leads: the directory that holds the last component, reached without following a
 * link, and that component in native memory. Keeps the starting directory open until it is closed.
 */
final class Place implements AutoCloseable {
  private final Calls calls;
  private final Directory start;
  private final int startDescriptor;
  private int directory;
  private long name;

  private Place(Calls calls, Directory start, int startDescriptor) {
    this.calls = calls;
    this.start = start;
    this.startDescriptor = startDescriptor;
    this.directory = startDescriptor;
  }

  /**
   * @param wanted the call that is to be made there, for the message when the way is barred
   */
  static Place find(Calls calls, Directory start, String name, SystemCall wanted)
      throws PosixException {
    String[] components = name.split("/", -1);
    for (String component : components) {
      if (component.isEmpty() || component.equals(".") || component.equals("..")) {
        throw new IllegalArgumentException("not a name below a directory: \"" + name + "\"");
      }
    }
    Place place = new Place(calls, start, start.use(wanted));
    try {
      for (int i = 0; i < components.length - 1; i++) {
        place.step(components[i], name, wanted);
      }
      place.name = calls.name(Names.encode(components[components.length - 1]));
      return place;
    } catch (PosixException | RuntimeException failure) {
      place.close();
      throw failure;
    }
  }

  int directory() {
    return directory;
  }

  long name() {
    return name;
  }

  @Override
  public void close() {
    if (directory != startDescriptor) {
      calls.close(directory);
    }
    start.release();
  }

  private void step(String component, String whole, SystemCall wanted) throws PosixException {
    int next = calls.openat(directory, calls.name(Names.encode(component)), Flags.OPEN_PASSAGE);
    Directory.checked(next, wanted, whole);
    if (directory != startDescriptor) {
      calls.close(directory);
    }
    directory = next;
  }
}
