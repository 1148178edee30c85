#!/bin/bash
# Starts Slurm with this machine as its only node, on the loopback: one-node-slurm.sh start FOLDER | stop FOLDER
# As root, with Debian's slurm-wlm and munge. Then SLURM_CONF=FOLDER/slurm.conf sbatch ...
set -euo pipefail
action=${1:?start or stop} folder=$(realpath "${2:?a folder for its state}") host=$(hostname -s)
if [[ $action == stop ]]; then
  for file in "$folder"/*.pid; do kill "$(cat "$file")" 2>/dev/null || true; done
  exit 0
fi
mkdir -p "$folder"/{state,spool}
if ! munge -n 2>/dev/null | unmunge >/dev/null 2>&1; then
  install -d -o munge -g munge /run/munge
  runuser -u munge -- /usr/sbin/munged --pid-file=/run/munge/one-node.pid
  sleep 1
  cp /run/munge/one-node.pid "$folder/munged.pid"
fi
memory=$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
cat > "$folder/slurm.conf" <<END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=${SLURM_PORT:-16817}
SlurmdPort=$((${SLURM_PORT:-16817} + 1))
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
# Tasks that are put back start again at once instead of after two minutes.
SchedulerParameters=bf_interval=2,sched_interval=2,requeue_delay=0
KillWait=5
MinJobAge=300
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
slurmctld -f "$folder/slurm.conf"
slurmd -f "$folder/slurm.conf"
for _ in $(seq 60); do
  SLURM_CONF=$folder/slurm.conf sinfo -h 2>/dev/null | grep -q idle && exit 0
  sleep 0.5
done
tail -5 "$folder"/slurm*.log >&2
exit 1
