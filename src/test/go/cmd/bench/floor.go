package main

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// floor is what the disk takes for one small write that is to last.
func (r *runner) floor() error {
	settle()
	path := filepath.Join(r.directory, "floor")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(path)
	}()
	block := make([]byte, 512)
	var found []float64
	for range r.report.Settings.Count {
		begin := time.Now()
		if _, err := file.Write(block); err != nil {
			return err
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return err
		}
		found = append(found, float64(time.Since(begin).Microseconds())/1000)
	}
	r.report.add("floor.fdatasync", median(found))
	return nil
}
