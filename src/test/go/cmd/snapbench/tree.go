package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const filesPerDirectory = 1000

// writeTree writes so many files into directories of a thousand, and returns how many inodes that
// took.
func writeTree(root string, files, size int) (int64, error) {
	content := make([]byte, size)
	for i := range files {
		directory := filepath.Join(root, fmt.Sprintf("d%04d", i/filesPerDirectory))
		if i%filesPerDirectory == 0 {
			if err := os.MkdirAll(directory, 0o755); err != nil {
				return 0, err
			}
		}
		if err := os.WriteFile(filepath.Join(directory, fmt.Sprintf("f%06d", i)), content, 0o644); err != nil {
			return 0, err
		}
	}
	return int64(files + (files+filesPerDirectory-1)/filesPerDirectory), nil
}

type removeTreeResult struct {
	Files   int      `json:"files"`
	Remove  summary  `json:"remove"`
	Cleanup summary  `json:"cleanup"`
	Rm      *summary `json:"rm,omitempty"`
}

// removeTree removes layers of many files, and then waits for them to be deleted.
func removeTree(flags *flag.FlagSet) func(context.Context, *client) (any, error) {
	files := flags.Int("files", 10000, "files in a layer")
	size := flags.Int("size", 64, "`bytes` in a file")
	count := flags.Int("count", 5, "how often")
	rm := flags.String("rm", "", "a `directory` where rm -rf is to delete the same files, each time")
	return func(ctx context.Context, c *client) (any, error) {
		var removed, cleaned, byRm times
		for range *count {
			name, err := layerOf(ctx, c, *files, *size)
			if err != nil {
				return nil, err
			}
			if err := removed.measure(func() error { return c.remove(ctx, name) }); err != nil {
				return nil, err
			}
			if err := cleaned.measure(func() error { return c.cleanup(ctx) }); err != nil {
				return nil, err
			}
			if *rm != "" {
				beside, err := treeBeside(*rm, *files, *size)
				if err != nil {
					return nil, err
				}
				if err := byRm.measure(func() error { return removeByRm(beside) }); err != nil {
					return nil, err
				}
			}
		}
		result := removeTreeResult{Files: *files, Remove: removed.summary(), Cleanup: cleaned.summary()}
		if len(byRm) > 0 {
			summary := byRm.summary()
			result.Rm = &summary
		}
		return result, nil
	}
}

func layerOf(ctx context.Context, c *client, files, size int) (string, error) {
	key, name := c.key("active"), c.key("layer")
	mounts, err := c.prepare(ctx, key, "")
	if err != nil {
		return "", err
	}
	directory, err := upperDirectory(mounts)
	if err != nil {
		return "", err
	}
	if _, err := writeTree(directory, files, size); err != nil {
		return "", err
	}
	return name, c.commit(ctx, name, key)
}

func treeBeside(directory string, files, size int) (string, error) {
	tree, err := os.MkdirTemp(directory, "rm-")
	if err != nil {
		return "", err
	}
	_, err = writeTree(tree, files, size)
	return tree, err
}

func removeByRm(tree string) error {
	return exec.Command("rm", "-rf", tree).Run()
}

type usageResult struct {
	Files  int     `json:"files"`
	Bytes  int64   `json:"bytes"`
	Inodes int64   `json:"inodes"`
	Usage  summary `json:"usage"`
	Du     summary `json:"du"`
	// From the call of Remove until the tree is deleted.
	Reclaim summary  `json:"reclaim"`
	Rm      *summary `json:"rm,omitempty"`
}

// usage asks for the usage of a large tree that changes before each call, and lets du walk the same
// tree; then it removes the tree and waits for it to be deleted.
func usage(flags *flag.FlagSet) func(context.Context, *client) (any, error) {
	files := flags.Int("files", 100000, "files in the tree")
	size := flags.Int("size", 0, "`bytes` in a file")
	count := flags.Int("count", 5, "how often")
	pause := flags.Duration("pause", 6*time.Second, "time before each call: longer than answers are kept")
	rm := flags.String("rm", "", "a `directory` where rm -rf is to delete the same files")
	return func(ctx context.Context, c *client) (any, error) {
		key := c.key("active")
		mounts, err := c.prepare(ctx, key, "")
		if err != nil {
			return nil, err
		}
		directory, err := upperDirectory(mounts)
		if err != nil {
			return nil, err
		}
		inodes, err := writeTree(directory, *files, *size)
		if err != nil {
			return nil, err
		}
		result := usageResult{Files: *files, Inodes: inodes + 1}
		var asked, walked times
		for i := range *count {
			// Before the first one, too: somebody else may have had the tree measured while it was written.
			time.Sleep(*pause)
			if err := os.WriteFile(filepath.Join(directory, fmt.Sprintf("changed-%d", i)), nil, 0o644); err != nil {
				return nil, err
			}
			result.Inodes++
			err := asked.measure(func() error {
				bytes, inodes, err := c.usage(ctx, key)
				if err == nil && inodes != result.Inodes {
					return fmt.Errorf("usage says %d inodes, there are %d: an older answer?", inodes, result.Inodes)
				}
				result.Bytes = bytes
				return err
			})
			if err != nil {
				return nil, err
			}
			if err := walked.measure(func() error { return exec.Command("du", "-s", directory).Run() }); err != nil {
				return nil, err
			}
		}
		result.Usage, result.Du = asked.summary(), walked.summary()
		// Written before anything is deleted: ext4 without a journal passes over each inode that was freed
		// in the last minutes, and then takes ten times as long to write a tree.
		var beside string
		if *rm != "" {
			if beside, err = treeBeside(*rm, *files, *size); err != nil {
				return nil, err
			}
		}
		var reclaimed, byRm times
		err = reclaimed.measure(func() error { return errors.Join(c.remove(ctx, key), c.cleanup(ctx)) })
		if err != nil {
			return nil, err
		}
		result.Reclaim = reclaimed.summary()
		if *rm != "" {
			if err := byRm.measure(func() error { return removeByRm(beside) }); err != nil {
				return nil, err
			}
			summary := byRm.summary()
			result.Rm = &summary
		}
		return result, nil
	}
}
