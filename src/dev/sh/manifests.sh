#!/usr/bin/env bash
# Renders what is kept of the chart: the plain manifests in deploy, and what src/test/resources/chart
# compares it with. Copies into the chart first what it takes from elsewhere.
#
#   manifests.sh            all of that
#   manifests.sh package    the chart as an archive, into target
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

chart=helm/fuselage
kept=src/test/resources/chart
helm=$(tool_dir helm "$HELM_VERSION")/helm

main() {
  cp deploy/prometheus/fuselage.rules.yaml deploy/grafana/{fleet,node}.json "$chart/files"
  case ${1:-} in
    '') render_all ;;
    package) "$helm" package --destination target "$chart" ;;
    *) die "usage: manifests.sh [package]" ;;
  esac
}

render_all() {
  local values name
  for values in "$kept"/*.values.yaml; do
    name=$(basename "$values" .values.yaml)
    render --values "$values" >"$kept/$name.yaml"
  done
  for values in "$chart"/profiles/*.yaml; do
    render --values "$values" >"$kept/profile-$(basename "$values")"
  done
  say "Rendered the chart into $kept"
}

render() {
  "$helm" template fuselage "$chart" --namespace fuselage-system "$@"
}

main "$@"
