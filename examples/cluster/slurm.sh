#!/bin/bash
# Predicts a folder of images, or a slide, by a job array of Slurm; each task does one shard.
#
#   export CHECKPOINT=best.safetensors INPUT=images OUTPUT=predictions
#   id=$(sbatch --parsable --array=0-15 slurm.sh --measure)
#   sbatch --dependency=afterok:$id --wrap "micrograph merge $OUTPUT"
#
# Arguments go to `micrograph predict`. To run a few shards of 16 again: SHARDS=16 sbatch --array=3,7 slurm.sh
# A failure that may pass (exit code 75), and a task that Slurm stops in time, are put back into the queue, five
# times at most; any other failure ends the task. What is done is never done again.

#SBATCH --job-name=micrograph
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
# A minute before the time limit the script gets SIGTERM, so that the program stops between two images.
#SBATCH --signal=B:TERM@60

: "${CHECKPOINT:?the network: best.safetensors of a run}"
: "${INPUT:?a folder of images, or a slide}"
: "${OUTPUT:?a folder that all nodes see}"
shards=${SHARDS:+/$SHARDS}

# shellcheck disable=SC2086 # MICROGRAPH may be a program with arguments, as in "npx micrograph".
${MICROGRAPH:-micrograph} predict --checkpoint "$CHECKPOINT" --input "$INPUT" --output "$OUTPUT" \
  --shard "auto$shards" "$@" &
program=$!
trap 'kill -TERM $program' TERM
# A signal that is trapped ends wait early: the program's own code counts.
while wait $program; code=$?; kill -0 $program 2>/dev/null; do :; done

if [[ $code == 75 && ${SLURM_RESTART_COUNT:-0} -lt 5 ]]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
  sleep 60 # Slurm ends the script when it has put the task back.
fi
exit "$code"
