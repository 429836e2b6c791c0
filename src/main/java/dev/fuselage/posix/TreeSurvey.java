package dev.fuselage.posix;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The measurement of a tree with a digest of all that a layer is made of. Each entry has a
 * fingerprint of its own, its place in the tree among it, and the digest is their sum: so threads
 * may share the tree in any way, and nothing is sorted or kept.
 *
 * <p>Left out is what changes by itself or belongs to the disk alone: access and change times,
 * inode numbers, allocated blocks, the sizes and link counts of directories, {@code trusted}
 * attributes, and the labels that a node's own security policy puts on files.
 */
final class TreeSurvey implements TreeWalk {
  private static final int ENTRY = 1;
  private static final int PLACE = 2;

  /** Of the root directory, whose name is not part of the layer. */
  private static final long ROOT_PLACE = 1;

  private final boolean withContents;
  private final LinkGroups linked = new LinkGroups();
  private final List<Surveyor> surveyors = new ArrayList<>();

  TreeSurvey(boolean withContents) {
    this.withContents = withContents;
  }

  @Override
  public synchronized WalkingVisitor visitor(Calls calls) {
    Surveyor surveyor = new Surveyor(calls);
    surveyors.add(surveyor);
    return surveyor;
  }

  /** What was found, once no thread looks any more. */
  synchronized TreeWalker.Survey result() {
    long blocks = 0;
    long inodes = 0;
    long entries = 0;
    long metadata = linked.sum();
    long contents = 0;
    for (Surveyor surveyor : surveyors) {
      blocks += surveyor.blocks;
      inodes += surveyor.inodes;
      entries += surveyor.entries;
      metadata += surveyor.metadata;
      contents += surveyor.contents;
    }
    return new TreeWalker.Survey(
        new TreeWalker.Totals(blocks * 512, inodes),
        entries,
        metadata,
        withContents ? OptionalLong.of(contents) : OptionalLong.empty());
  }

  private final class Surveyor extends WalkingVisitor {
    private final Fingerprint fingerprint = new Fingerprint();
    private final AttributeReader attributes;
    private final ContentReader reader;
    private long blocks;
    private long inodes;
    private long entries;
    private long metadata;
    private long contents;

    Surveyor(Calls calls) {
      super(calls, Flags.STATX_BASIC_STATS);
      attributes = new AttributeReader(calls, fingerprint);
      reader = new ContentReader(calls, fingerprint);
    }

    @Override
    void met(TreeNode directory, long name) throws PosixException {
      byte[] bytes = Calls.nameAt(name);
      long place = place(directory, bytes);
      int mode = calls.statusMode();
      long size = calls.statusSize();
      boolean first =
          calls.statusLinks() <= 1 || linked.add(calls.statusDevice(), calls.statusInode(), place);
      count(first);
      entry(place).put(size).put(calls.statusSpecialDevice());
      if ((mode & Flags.TYPE_MASK) == Flags.TYPE_LINK) {
        int length = calls.readLink(directory.descriptor, name);
        if (length < 0) {
          refused(SystemCall.READLINKAT, directory, bytes, -length);
          return;
        }
        fingerprint.put(calls.text(length));
      }
      metadata += fingerprint.end();
      metadata += attributes.of(directory, bytes, place);
      if (withContents && (mode & Flags.TYPE_MASK) == Flags.TYPE_FILE && size > 0) {
        contents += reader.of(directory, bytes, place);
      }
    }

    @Override
    void entered(TreeNode directory) throws PosixException {
      TreeNode above = directory.above();
      directory.place = above.parent == null ? ROOT_PLACE : place(above, directory.name);
      count(true);
      entry(directory.place);
      metadata += fingerprint.end();
      metadata += attributes.of(above, directory.name, directory.place);
    }

    private void count(boolean first) {
      entries++;
      if (first) {
        inodes++;
        blocks += calls.statusBlocks();
      }
    }

    private long place(TreeNode directory, byte[] name) {
      return fingerprint.begin(PLACE).put(directory.place).put(name).end();
    }

    /** Begins with what the status that was just read says of every kind of entry. */
    private Fingerprint entry(long place) {
      return fingerprint
          .begin(ENTRY)
          .put(place)
          .put(calls.statusMode())
          .put(calls.statusUid())
          .put(calls.statusGid())
          .put(calls.statusModifiedSeconds())
          .put(calls.statusModifiedNanos());
    }
  }
}
