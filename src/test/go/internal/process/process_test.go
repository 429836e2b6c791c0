package process

import (
	"os"
	"testing"
	"time"
)

func TestResidentMemoryIsInMegabytes(t *testing.T) {
	found, err := parseResident("Name:\tjava\nVmHWM:\t  200000 kB\nVmRSS:\t  100000 kB\nThreads:\t9\n")
	if err != nil || found != 102.4 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := parseResident("Name:\tkthreadd\n"); err == nil {
		t.Error("a process without memory has some")
	}
}

func TestTheTimeOfTheProcessorsIsFoundBehindAnyName(t *testing.T) {
	found, err := parseCPU("7 (a ) 1 2) S 1 7 7 0 -1 4194560 1 2 3 4 120 30 5 6 20 0 9")
	if err != nil || found != 1500*time.Millisecond {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := parseCPU("7 (a) S 1"); err == nil {
		t.Error("a line that ends early has a time")
	}
}

func TestAProcessHasMemoryAndTime(t *testing.T) {
	if found, err := ResidentMegabytes(os.Getpid()); err != nil || found < 1 {
		t.Errorf("%v, %v", found, err)
	}
	if found, err := CPUTime(os.Getpid()); err != nil || found < 0 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := CPUTime(0); err == nil {
		t.Error("no process has a time")
	}
}
