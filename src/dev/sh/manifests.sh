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
# Elsewhere for a test that compares.
out=${MANIFESTS:-.}
helm=$(tool_dir helm "$HELM_VERSION")/helm

main() {
  [[ -x $helm ]] || die "there is no $helm: run 'src/dev/sh/setup.sh chart'"
  if [[ -n ${MANIFESTS:-} ]]; then
    render_documents
    return
  fi
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
  render_documents
  say "Rendered the chart into deploy, docs and $kept"
}

# What those read who have no Helm, or have not installed it yet.
render_documents() {
  mkdir -p "$out"/{deploy/kubernetes,deploy/k3s,docs}
  plain kubeadm >"$out/deploy/kubernetes/fuselage.yaml"
  plain k3s >"$out/deploy/k3s/fuselage.yaml"
  chart_values >"$out/docs/chart-values.md"
}

chart_values() {
  cat <<END
# Values of the chart

Made by \`make manifests\` of [\`values.yaml\`](../helm/fuselage/values.yaml).
[On Kubernetes](kubernetes.md) tells what to do with them. Below \`config\` belongs every setting of the
[program](configuration.md).

| Value | Default | Means |
|---|---|---|
END
  awk -f src/dev/sh/chart-values.awk "$chart/values.yaml"
}

# plain PROFILE: for `kubectl apply`, with the namespace, and without what only Helm makes use of.
plain() {
  echo "# What the chart renders with its profile $1, for those without Helm. Made by 'make manifests'."
  render --values "$chart/profiles/$1.yaml" --set namespace.create=true --include-crds --no-hooks |
    grep -vE '^ +(app.kubernetes.io/managed-by|helm.sh/(chart|resource-policy)): |^# Source: ' |
    sed -e '/^  annotations:$/{N;/\n---$/s/^[^\n]*\n//}'
}

render() {
  "$helm" template fuselage "$chart" --namespace fuselage-system "$@"
}

main "$@"
