#!/usr/bin/env bash
# Cluster/annotate.sbatch on a Slurm of this machine alone: 200 pictures in eight parts, of which three are killed and put
# back; the dataset is byte for byte that of a single run. Skipped with a message where Slurm cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { echo "Slurm is not tested: $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip 'its daemons are started as root here'
# Of several names, `command -v` is content with one.
if ! { command -v slurmctld && command -v slurmd && command -v munged; } > /dev/null; then
  { apt-get update --quiet --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet \
    --no-install-recommends slurm-wlm munge; } > /dev/null 2>&1 || skip 'slurm-wlm and munge cannot be installed'
fi
export CRAYON=${CRAYON:-$PWD/.build/release/crayon}
folder=$(mktemp -d)
daemons=()
finish() {
  for daemon in "${daemons[@]}"; do kill "$daemon" 2> /dev/null || true; done
  wait 2> /dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
mkdir -p "$folder"/{pictures,state,spool,munge}
chmod 755 "$folder"
samples=(Samples/*.png)
for number in $(seq 1 200); do
  ln -s "$PWD/${samples[$((number % ${#samples[@]}))]}" "$folder/pictures/$(printf %03d "$number").png"
done
options=(--pipeline pocket-scenes)

host=$(hostname -s)
dd if=/dev/urandom of="$folder/munge/key" bs=1024 count=1 status=none
chmod 700 "$folder/munge"; chmod 400 "$folder/munge/key"
munged --foreground --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" \
  --log-file="$folder/munge/log" --seed-file="$folder/munge/seed" & daemons+=($!)
export SLURM_CONF=$folder/slurm.conf
cat > "$SLURM_CONF" << END
ClusterName=crayon
SlurmctldHost=$host
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=requeue_delay=0
MinJobAge=86400
ReturnToService=2
NodeName=$host CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
sleep 1
slurmctld -D & daemons+=($!)
sleep 1
slurmd -D & daemons+=($!)
for _ in $(seq 60); do sinfo --noheader --format=%t 2> /dev/null | grep -q idle && break; sleep 1; done
sinfo --noheader --format=%t | grep -q idle || { cat "$folder"/slurm*.log; echo 'Slurm does not start' >&2; exit 1; }

"$CRAYON" annotate "$folder/pictures" --out "$folder/single" "${options[@]}" 2> /dev/null
results=$folder/results
mkdir "$results"
parts=$(sbatch --parsable --output="$folder/%a.log" --array=1-8 Cluster/annotate.sbatch "$folder/pictures" "$results" "${options[@]}")
for task in 1 4 7; do
  # Killed when some of its pictures are done, and put back.
  for _ in $(seq 300); do
    [ "$(ls "$results/part-$task/panoptic" 2> /dev/null | wc -l)" -ge 2 ] && break
    sleep 0.1
  done
  scancel --signal=KILL --full "${parts}_$task" || true
  sleep 2
  if [ "$task" = 1 ] && "$CRAYON" annotate --merge "$results"/part-* --out "$folder/early" 2> "$folder/refused"; then
    echo 'a set with a part missing was put together' >&2; exit 1
  fi
  scontrol requeue "${parts}_$task"
done
cat "$folder/refused"
grep -q 'of 8' "$folder/refused"
sbatch --wait --output="$folder/merge.log" --dependency="afterany:$parts" Cluster/annotate.sbatch "$folder/pictures" "$results" \
  || { cat "$folder"/*.log >&2; exit 1; }
diff "$folder/single/panoptic.json" "$results/annotations/panoptic.json"
diff -r "$folder/single/panoptic" "$results/annotations/panoptic"
echo "Slurm: 200 pictures in 8 parts, 3 of them killed and put back, are byte for byte a single run's"
