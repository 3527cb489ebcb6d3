#!/usr/bin/env bash
# From prompts to SFT and DPO data on the tiny models that come with thinkset: offline, in a minute.
# Run it again at any time: each stage does only what is left. After a change of the variables give
# RUNS another name, so that what was made before stays what it is.
set -euo pipefail
cd "$(dirname "$0")"

RUNS=runs                 # where everything goes
PROMPTS=prompts.jsonl     # .json, .jsonl, .csv, .tsv, .parquet, or hf/OWNER/NAME
KEEP=category             # a column that travels into reports and datasets
BASE=@EMBEDDED@           # a base model's folder
TEACHER=embedded          # openai/NAME, gemini/NAME, or vllm/NAME with --base-url
REWARD=embedded           # local/DIR, or vllm/NAME with --base-url
N=8                       # replies a prompt
TEMPERATURE=1

# The command where it is installed, else what made this folder.
thinkset() {
  if type -P thinkset > /dev/null; then command thinkset "$@"; else @THINKSET@ "$@"; fi
}

# 1. The base model, with a chat template that asks for <think> and <response>; nothing is trained.
[ -e "$RUNS/model/manifest.json" ] ||
  thinkset create-prompted-model --model "$BASE" --variant think --out "$RUNS/model"

# 2. A teacher's thought and response to each prompt, as SFT data.
thinkset sample-teacher --prompts "$PROMPTS" --keep "$KEEP" --model "$TEACHER" --out "$RUNS/teacher"
thinkset build-sft --in "$RUNS/teacher" --variant think --tokenizer "$RUNS/model" --out "$RUNS/sft"

# 3. The policy's replies, each with a reward, as DPO data.
thinkset sample-policy --prompts "$PROMPTS" --keep "$KEEP" --model "local/$RUNS/model" \
  --n "$N" --temperature "$TEMPERATURE" --max-tokens 256 --out "$RUNS/policy"
thinkset score-responses --in "$RUNS/policy" --reward-model "$REWARD" --out "$RUNS/scored"
thinkset build-dpo --in "$RUNS/scored" --format prompted-think --tokenizer "$RUNS/model" --out "$RUNS/dpo"

# 4. A page to look at, and every hash, count and ledger once more.
thinkset report --in "$RUNS/scored" --in "$RUNS/sft" --in "$RUNS/dpo" --out "$RUNS/report.html"
thinkset verify --quiet --in "$RUNS"
