package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// viewer looks at a Fuselage over HTTP, as Prometheus and a browser do.
type viewer struct {
	address string
	client  *http.Client
}

func newViewer(port int) *viewer {
	return &viewer{address: fmt.Sprintf("http://127.0.0.1:%d", port), client: &http.Client{Transport: &http.Transport{}}}
}

func (v *viewer) close() {
	v.client.CloseIdleConnections()
}

// scrape returns how many series there were and how long it took to receive them all.
func (v *viewer) scrape(ctx context.Context) (series int, took time.Duration, err error) {
	begin := time.Now()
	text, err := v.get(ctx, "/metrics")
	if err != nil {
		return 0, 0, err
	}
	took = time.Since(begin)
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			series++
		}
	}
	return series, took, nil
}

func (v *viewer) get(ctx context.Context, path string) (string, error) {
	answer, err := v.open(ctx, path)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Close() }()
	text, err := io.ReadAll(answer)
	return string(text), err
}

func (v *viewer) open(ctx context.Context, path string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.address+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := v.client.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("%s answers %s", path, answer.Status)
	}
	return answer.Body, nil
}

// How long the first report may take.
const firstReport = time.Minute

// What a browser asks for, at first and whenever there is news.
var (
	pageParts = []string{"/", "/page.css", "/page.js"}
	pageData  = []string{"/api/node.json", "/api/rows.json?of=owner&kind=container&cursor=0"}
)

// await asks until there is an answer: the page has none before the disk was measured once.
func (v *viewer) await(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, firstReport)
	defer cancel()
	for {
		_, err := v.get(ctx, path)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if err := pause(ctx, 0.2); err != nil {
			return err
		}
	}
}

// watchPage opens the page and keeps up with it until the function that it returns is called, which
// says how often there was news.
func (v *viewer) watchPage(ctx context.Context) (func() (int, error), error) {
	for _, path := range slices.Concat(pageParts, pageData) {
		if err := v.await(ctx, path); err != nil {
			return nil, err
		}
	}
	watching, stop := context.WithCancel(ctx)
	events, err := v.open(watching, "/api/events")
	if err != nil {
		stop()
		return nil, err
	}
	news, failure := 0, error(nil)
	var following sync.WaitGroup
	following.Go(func() {
		lines := bufio.NewScanner(events)
		for failure == nil && lines.Scan() {
			if lines.Text() != "event: report" {
				continue
			}
			news++
			for _, path := range pageData {
				if _, err := v.get(watching, path); err != nil && watching.Err() == nil {
					failure = err
				}
			}
		}
	})
	return func() (int, error) {
		stop()
		following.Wait()
		_ = events.Close()
		return news, failure
	}, nil
}

// freePort is one on loopback that nobody has.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
