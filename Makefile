# Everything a developer does, by name; `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

MAVEN ?= mvn
GO_MODULE := src/test/go
SHELL_SCRIPTS = $(sort $(shell grep -rlE '^\#!(/bin/sh|/usr/bin/env bash)' src .ci) $(wildcard src/dev/sh/*.sh))
DIST := target/fuselage
DIST_STAMP := target/.dist
IMAGE := target/fuselage-image.tar
DIST_SOURCES = pom.xml LICENSE $(shell find src/main -type f)

# Every recipe that runs Java asks for it, so that `make help` works without one.
WITH_JDK = JAVA_HOME=$$(src/dev/sh/jdk.sh); export JAVA_HOME;
WITH_MAVEN = $(WITH_JDK) command -v $(MAVEN) >/dev/null || \
  { echo "Maven is needed: install the package maven" >&2; exit 1; };

.PHONY: run
run: ## Run a container on Fuselage; DRIVER=overlayfs, ROOTLESS=1, KEEP=1, CONTAINERD=2
	@src/dev/sh/setup.sh run
	@$(MAKE) dist
	@src/dev/sh/run.sh

.PHONY: test
test: ## Install what is missing and run every test
	@src/dev/sh/setup.sh test
	@$(MAKE) dist
	@if [ "$$(id -u)" = 0 ]; then $(MAKE) $(IMAGE); fi
	@$(WITH_MAVEN) $(MAVEN) -B verify -Dquarkus.build.skip

.PHONY: e2e
e2e: ## Run every test on a real Kubernetes, as root and rootless
	@src/dev/sh/setup.sh test
	@$(MAKE) $(IMAGE)
	@$(WITH_MAVEN) $(MAVEN) -B test-compile failsafe:integration-test failsafe:verify \
	  -Dquarkus.build.skip -Dit.excludedGroups= -Dit.test='dev/fuselage/e2e/*IT'

.PHONY: bench
bench: ## Measure against the Go snapshotter; ROUNDS=5, GROWTH=1, WATCH=1, SOAK=1, BENCH_DIR=, BENCH_DISK=, MARKDOWN=1
	@src/dev/sh/setup.sh test
	@$(MAKE) dist
	@src/dev/sh/bench.sh

.PHONY: scale
scale: ## Measure what 1,000 agents ask of a kube-apiserver; AGENTS=1000
	@src/dev/sh/setup.sh test
	@$(WITH_MAVEN) $(MAVEN) -B test-compile failsafe:integration-test failsafe:verify \
	  -Dquarkus.build.skip -Dit.excludedGroups= -Dit.test=ScaleIT -Dfuselage.scale.agents=$(or $(AGENTS),1000) \
	  -Dfuselage.scale.quiet=330 -Dfuselage.scale.busy=120

.PHONY: torture
torture: ## Run the fault campaigns at full length; CAMPAIGN=kill, COUNT=1000, SEED=
	@src/dev/sh/setup.sh test
	@$(MAKE) dist
	@$(WITH_MAVEN) $(MAVEN) -B -q test-compile && MAVEN=$(MAVEN) src/dev/sh/torture.sh

.PHONY: cluster
cluster: ## A one-node Kubernetes to play with; ROOTLESS=1, HOST_SERVICE=1
	@src/dev/sh/setup.sh cluster
	@if [ "$${HOST_SERVICE:-}" = 1 ]; then $(MAKE) dist; fi
	@src/dev/sh/cluster.sh up

.PHONY: cluster-down
cluster-down: ## Take that cluster away
	@src/dev/sh/cluster.sh down

.PHONY: check
check: ## The quick part for daily work: formats, unit tests, static checks
	@command -v shellcheck >/dev/null || \
	  { echo "shellcheck is needed: install the package shellcheck" >&2; exit 1; }
	shellcheck -x $(SHELL_SCRIPTS)
	@if [ -d $(GO_MODULE) ]; then \
	  unformatted=$$(gofmt -l $(GO_MODULE)); \
	  if [ -n "$$unformatted" ]; then echo "gofmt would change: $$unformatted" >&2; exit 1; fi; \
	  (cd $(GO_MODULE) && go vet ./...); \
	fi
	@$(WITH_MAVEN) $(MAVEN) -B -q test

.PHONY: dist
dist: $(DIST_STAMP) ## Build the distribution into target/fuselage

$(DIST_STAMP): $(DIST_SOURCES)
	@echo "Building $(DIST)"
	@$(WITH_MAVEN) $(MAVEN) -B -q -DskipTests package
	@touch $@

.PHONY: image
image: ## Build the container image into target/fuselage-image.tar, without a registry
	@src/dev/sh/setup.sh image
	@$(MAKE) $(IMAGE)

$(IMAGE): $(DIST_STAMP) Dockerfile src/main/c/fuselage.c src/dev/sh/image.sh
	@src/dev/sh/image.sh
	@touch $@

.PHONY: chart
chart: ## Package the Helm chart into target
	@src/dev/sh/setup.sh chart
	@src/dev/sh/manifests.sh package

.PHONY: manifests
manifests: ## Render what is kept of the chart anew
	@src/dev/sh/setup.sh chart
	@src/dev/sh/manifests.sh

.PHONY: format
format: ## Format the Java and Go sources
	@$(WITH_MAVEN) $(MAVEN) -B -q spotless:apply
	@if [ -d $(GO_MODULE) ]; then gofmt -w $(GO_MODULE); fi

.PHONY: clean
clean: ## Remove what was built here
	rm -rf target

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
