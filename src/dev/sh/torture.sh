#!/usr/bin/env bash
# Runs the fault campaigns at full length; see docs/torture.md. Called by `make torture`.
#
#   CAMPAIGN=kill   one of those below; all of them if unset
#   COUNT=1000      rounds, histories, files, images, layers or seconds, whatever the campaign counts
#   SEED=…          that of a run to repeat
set -euo pipefail
# shellcheck source=src/dev/sh/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

names=(kill linear linear-socket power-ext4 power-xfs power-containerd inject small-disk reclaim soak rude owners rebuild verify)
declare -A counts=(
  [kill]=1000 [linear]=10000 [linear-socket]=500
  [power-ext4]=200 [power-xfs]=50 [power-containerd]=20
  [inject]=1 [small-disk]=1 [reclaim]=100000 [soak]=1800 [rude]=1
  [owners]=40 [rebuild]=60 [verify]=1000
)
declare -A tests=(
  [kill]=KillIT
  [linear]='LinearizabilityIT#randomHistoriesAreLinearizable+aBrokenSnapshotterIsFoundOut'
  [linear-socket]='LinearizabilityIT#randomHistoriesOverTheSocketAreLinearizable'
  [power-ext4]='PowerCutIT#onExt4NothingAcknowledgedIsLost+withoutSyncLayersAreLost+whatIsSyncedSurvivesACutAndWhatIsNotDoesNot'
  [power-xfs]='PowerCutIT#onXfsNothingAcknowledgedIsLost'
  [power-containerd]=PowerCutContainerdIT
  [inject]=InjectIT
  [small-disk]=SmallDiskIT
  [reclaim]=ReclaimIT
  [soak]=SoakIT
  [rude]='PeersIT,HostileRequestsIT,RudeClientsIT'
  [owners]=OwnersIT
  [rebuild]=RebuildIT
  [verify]=VerifyIT
)

# run CAMPAIGN: what was built is what is tortured.
run() {
  local options=("-Dit.test=${tests[$1]}" "-Dfuselage.count=${COUNT:-${counts[$1]}}")
  if [[ -n ${SEED:-} ]]; then
    options+=("-Dfuselage.seed=$SEED")
  fi
  section "$1"
  "${MAVEN:-mvn}" -B -q failsafe:integration-test failsafe:verify "${options[@]}"
}

if [[ -n ${CAMPAIGN:-} ]]; then
  [[ -n ${tests[$CAMPAIGN]:-} ]] || die "there is no campaign $CAMPAIGN, but: ${names[*]}"
  names=("$CAMPAIGN")
fi
for name in "${names[@]}"; do
  run "$name"
done
