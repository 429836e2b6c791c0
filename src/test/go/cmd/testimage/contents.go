package main

import (
	_ "embed"
	"fmt"
	"iter"
)

// check is a shell script in the image that says whether a root file system is what the four first
// layers make together.
//
//go:embed check.sh
var check []byte

// The commands of busybox that get a link.
var applets = []string{
	"ash", "awk", "cat", "chmod", "chown", "cp", "cut", "dd", "df", "du", "echo", "env", "false", "find",
	"grep", "head", "hostname", "id", "ln", "ls", "md5sum", "mkdir", "mkfifo", "mount", "mv", "nc", "ps",
	"pwd", "readlink", "rm", "rmdir", "sed", "seq", "sh", "sha256sum", "sleep", "sort", "stat", "sync",
	"tail", "tar", "test", "touch", "tr", "true", "uname", "vi", "wc", "wget", "xargs", "yes",
}

// extra is what the layers above the first four hold.
type extra struct {
	layers, files, size int
}

// layersOf yields the layers from the lowest up, one at a time.
func layersOf(busybox []byte, more extra) iter.Seq[*layer] {
	return func(yield func(*layer) bool) {
		for _, content := range []func(*layer){
			func(l *layer) { system(l, busybox) }, oddities, removals, changes,
		} {
			if !yield(filled(content)) {
				return
			}
		}
		for number := range more.layers {
			if !yield(filled(func(l *layer) { numbered(l, number+1, more) })) {
				return
			}
		}
	}
}

// bareLayers yields the lowest layer alone.
func bareLayers(busybox []byte) iter.Seq[*layer] {
	return func(yield func(*layer) bool) {
		yield(filled(func(l *layer) { system(l, busybox) }))
	}
}

func filled(content func(*layer)) *layer {
	l := newLayer()
	content(l)
	return l
}

func system(l *layer, busybox []byte) {
	for _, name := range []string{"bin", "dev", "etc", "proc", "sys", "usr", "var"} {
		l.directory(name, 0o755)
	}
	l.directory("root", 0o700)
	l.directory("tmp", 0o1777)
	l.file("bin/busybox", 0o755, busybox)
	for _, name := range applets {
		l.symbolicLink("bin/"+name, "busybox")
	}
	l.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")
	l.text("etc/group", "root:x:0:\nuser:x:1000:\nnogroup:x:65534:\n")
	l.text("etc/motd", "The first layer wrote this.\n")
}

// oddities are what a snapshotter could lose, and what the layers above take away.
func oddities(l *layer) {
	l.directory("data", 0o755)
	l.text("data/of-root", "root\n")
	l.text("data/of-user", "user\n", owner(1000, 1000))
	l.text("data/of-nobody", "nobody\n", owner(65534, 65534))
	l.text("data/of-user-and-root", "both\n", owner(1000, 0))
	l.directory("data/directory-of-user", 0o750, owner(1000, 1000))
	l.text("data/directory-of-user/file", "inside\n", owner(1000, 1000))

	l.text("data/linked", "one file, three names\n")
	l.hardLink("data/linked-too", "data/linked")
	l.hardLink("data/directory-of-user/linked-elsewhere", "data/linked")
	l.symbolicLink("data/symbolic", "of-root")
	l.symbolicLink("data/dangling", "/no/such/file")
	l.pipe("data/pipe")

	l.text("data/attributes", "has attributes\n",
		attribute("user.fuselage", "an attribute"), attribute("user.binary", "\x01\xff\x02"))
	l.directory("data/directory-with-attribute", 0o755, attribute("user.fuselage", "of a directory"))

	l.file("data/unreadable", 0o000, []byte("only root reads this\n"))
	l.file("data/for-all", 0o666, []byte("anybody\n"))
	l.file("data/set-uid", 0o4755, []byte("#!/bin/sh\nid -u\n"), owner(1000, 1000))
	l.directory("data/set-gid", 0o2775, owner(0, 1000))
	l.directory("data/sticky", 0o1777)
	l.file("data/empty", 0o644, nil)
	l.text("data/a name with spaces, é and 日本", "a name\n")

	l.text("data/removed", "gone above\n")
	l.directory("data/removed-directory", 0o755)
	l.text("data/removed-directory/file", "gone above\n")
	l.directory("data/replaced", 0o755)
	l.text("data/replaced/old", "hidden above\n")
	l.directory("data/replaced/old-directory", 0o755)
	l.text("data/replaced/old-directory/file", "hidden above\n")
	l.text("data/becomes-directory", "a file below\n")
	l.directory("data/becomes-file", 0o755)
	l.text("data/becomes-file/file", "a directory below\n")
}

func removals(l *layer) {
	l.directory("data", 0o755)
	l.whiteout("data", "removed")
	l.whiteout("data", "removed-directory")
	l.directory("data/replaced", 0o755)
	l.opaque("data/replaced")
	l.text("data/replaced/new", "alone here\n")
}

func changes(l *layer) {
	l.text("etc/motd", "The fourth layer wrote this.\n")
	l.file("data/for-all", 0o600, []byte("nobody else\n"))
	l.directory("data/becomes-directory", 0o755)
	l.text("data/becomes-directory/file", "a directory above\n")
	l.text("data/becomes-file", "a file above\n")
	l.text("data/replaced/newer", "added above\n")
	l.file("check", 0o755, check)
}

func numbered(l *layer, number int, more extra) {
	l.directory("extra", 0o755)
	l.text("extra/topmost", fmt.Sprintln(number))
	directory := fmt.Sprintf("extra/%04d", number)
	l.directory(directory, 0o755)
	for i := range more.files {
		name := fmt.Sprintf("%s/%06d", directory, i)
		l.file(name, 0o644, noise(name, more.size))
	}
}
