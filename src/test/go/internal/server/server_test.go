package server

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFuselageIsPreferredToThePeer(t *testing.T) {
	t.Setenv("FUSELAGE_COMMAND", "/bin/fuselage")
	t.Setenv("PEER_COMMAND", "/bin/peer")
	t.Setenv("DRIVER", "overlayfs")
	command, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	process := command.prepare("/root", "/socket")
	if strings.Join(process.Args, " ") != "/bin/fuselage serve" {
		t.Errorf("it is started as %q", process.Args)
	}
	environment := strings.Join(process.Env, " ")
	for _, expected := range []string{
		"FUSELAGE_ROOT=/root", "FUSELAGE_SOCKET=/socket", "FUSELAGE_DRIVER=overlayfs", "FUSELAGE_HTTP_PORT=0",
	} {
		if !strings.Contains(environment, expected) {
			t.Errorf("%s is missing", expected)
		}
	}
}

func TestWithNoSnapshotterNamedNothingIsStarted(t *testing.T) {
	t.Setenv("FUSELAGE_COMMAND", "")
	t.Setenv("PEER_COMMAND", "")
	if _, err := FromEnvironment(); !errors.Is(err, ErrNotConfigured) {
		t.Errorf("it is %v", err)
	}
}

func TestAServerThatEndsAtOnceIsReportedWithItsLog(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho this is why\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Command{path: script}, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "this is why") {
		t.Errorf("it is %v", err)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestALogKeepsItsEnd(t *testing.T) {
	log := tail{}
	for range 3 {
		if _, err := log.Write([]byte(strings.Repeat("a", logTailSize))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := log.Write([]byte("the end")); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); len(text) != logTailSize || !strings.HasSuffix(text, "athe end") {
		t.Errorf("%d bytes are kept, ending with %q", len(text), text[len(text)-10:])
	}
}
