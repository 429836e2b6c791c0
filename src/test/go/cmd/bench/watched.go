package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"time"

	"fuselage.dev/test/internal/process"
	"fuselage.dev/test/internal/server"
)

const (
	// How long a Fuselage is watched, or left alone to compare with.
	watchTime = 60 * time.Second
	// Prometheus scrapes each 15 or 30 s; more often tells more in less time.
	scrapeEvery = time.Second
)

// watched measures what it costs to be looked at: metrics scraped, the page open, and usage polled.
func (r *runner) watched(ctx context.Context, c contender) (err error) {
	root, err := r.newRoot()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(root)) }()
	err = r.with(ctx, c, root, func(s *server.Server) error {
		return r.measure(ctx, s, nil, "fill", "-count", strconv.Itoa(r.report.Settings.Live))
	})
	if err != nil {
		return err
	}
	unseen, err := r.memoryWatched(ctx, c, root, func(ctx context.Context, _ *viewer) error {
		return pause(ctx, watchTime.Seconds())
	})
	if err != nil {
		return err
	}
	seen, err := r.memoryWatched(ctx, c, root, r.look)
	if err != nil {
		return err
	}
	r.report.add("watched.memory", seen-unseen)
	return r.with(ctx, c, "", func(s *server.Server) error {
		return r.measure(ctx, s, map[string]string{"watched.cpu-poll": "cpu_percent"},
			"poll", "-count", "200", "-pid", strconv.Itoa(s.Pid()))
	})
}

// memoryWatched is what a Fuselage on the root holds after all was listed and looked at.
func (r *runner) memoryWatched(ctx context.Context, c contender, root string, look func(context.Context, *viewer) error) (float64, error) {
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	c.command = c.command.With("FUSELAGE_HTTP_PORT=" + strconv.Itoa(port))
	resident := 0.0
	err = r.with(ctx, c, root, func(s *server.Server) error {
		return inOrder(ctx,
			func() error { return r.measure(ctx, s, nil, "list", "-count", "10") },
			func() error {
				v := newViewer(port)
				defer v.close()
				return look(ctx, v)
			},
			func() (err error) {
				resident, err = process.ResidentMegabytes(s.Pid())
				return err
			})
	})
	return resident, err
}

// look scrapes over and over while the page is open.
func (r *runner) look(ctx context.Context, v *viewer) error {
	stop, err := v.watchPage(ctx)
	if err != nil {
		return err
	}
	scrapes, series := []float64{}, 0
	for begin := time.Now(); err == nil && time.Since(begin) < watchTime; {
		var took time.Duration
		if series, took, err = v.scrape(ctx); err == nil {
			scrapes = append(scrapes, float64(took.Microseconds())/1000)
			err = pause(ctx, scrapeEvery.Seconds())
		}
	}
	news, failure := stop()
	if err := errors.Join(err, failure); err != nil {
		return err
	}
	if news == 0 {
		return errors.New("the page was never told of anything new")
	}
	r.report.add("watched.series", float64(series))
	r.report.add("watched.scrape", median(scrapes))
	return nil
}
