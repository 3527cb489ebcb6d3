#!/usr/bin/env bash
# With an API key alone: SFT data of a teacher, DPO data of a policy, its answers judged.
# Run it again at any time: each stage does only what is left. After a change of the variables give
# RUNS another name, so that what was made before stays what it is.
set -euo pipefail
cd "$(dirname "$0")"

RUNS=runs                     # where everything goes
PROMPTS=prompts.jsonl         # .json, .jsonl, .csv, .parquet, or hf/OWNER/NAME
KEEP=category                 # a column that travels into reports and datasets
TEACHER=openai/gpt-4.1        # its key in OPENAI_API_KEY; gemini/NAME in GEMINI_API_KEY
POLICY=openai/gpt-4.1-mini
JUDGE=openai/gpt-4.1
SERVER=()                     # (--base-url http://127.0.0.1:8000) for a server that speaks their API
MAX_COST_USD=5                # what each of the three may cost
N=4                           # replies a prompt
TOKENIZER=hf/Qwen/Qwen2.5-7B-Instruct  # of the model that is to learn: a name of the Hub, or a folder

# The command where it is installed, else what made this folder.
thinkset() {
  if type -P thinkset > /dev/null; then command thinkset "$@"; else @THINKSET@ "$@"; fi
}

# Tasks that build have no network: what is on the Hub (HF_TOKEN for gated models) is fetched here.
case "$TOKENIZER" in hf/*) thinkset download "$TOKENIZER" --what tokenizer > /dev/null ;; esac

# 1. A teacher's thought and response to each prompt, as SFT data. First what it would cost.
teacher=(--prompts "$PROMPTS" --keep "$KEEP" --model "$TEACHER" "${SERVER[@]}" --out "$RUNS/teacher")
thinkset sample-teacher "${teacher[@]}" --estimate
thinkset sample-teacher "${teacher[@]}" --max-cost-usd "$MAX_COST_USD"
thinkset build-sft --in "$RUNS/teacher" --variant think --tokenizer "$TOKENIZER" --out "$RUNS/sft"

# 2. The policy's replies, each judged, as DPO data.
policy=(--prompts "$PROMPTS" --keep "$KEEP" --model "$POLICY" "${SERVER[@]}" --format chat --n "$N"
  --out "$RUNS/policy")
thinkset sample-policy "${policy[@]}" --estimate
thinkset sample-policy "${policy[@]}" --max-cost-usd "$MAX_COST_USD"
# (--reward-model rule/exact --label-key answer needs no judge, where answers are short and known.)
thinkset score-responses --in "$RUNS/policy" --reward-model "judge/$JUDGE" "${SERVER[@]}" \
  --criterion "helpful=Does it do what the user is after, completely and to the point?" \
  --max-cost-usd "$MAX_COST_USD" --out "$RUNS/scored"
thinkset build-dpo --in "$RUNS/scored" --format chat --tokenizer "$TOKENIZER" --min-responses 2 \
  --out "$RUNS/dpo"

# 3. A page to look at, and every hash, count and ledger once more.
thinkset report --in "$RUNS/scored" --in "$RUNS/sft" --in "$RUNS/dpo" --out "$RUNS/report.html"
thinkset verify --quiet --in "$RUNS"
