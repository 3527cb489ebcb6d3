#!/usr/bin/env bash
# The recipe of arXiv 2509.20357 on vLLM: SFT data of a teacher, DPO data of a policy.
# Run it again at any time: each stage does only what is left. After a change of the variables give
# RUNS another name, so that what was made before stays what it is.
set -euo pipefail
cd "$(dirname "$0")"

RUNS=runs                                     # where everything goes
PROMPTS=prompts.jsonl                         # .json, .jsonl, .csv, .parquet, or hf/OWNER/NAME
KEEP=category                                 # a column that travels into reports and datasets
BASE=hf/@BASE@  # the base model: a name of the Hub, or a folder
INSTRUCT=hf/@INSTRUCT@  # whose tokenizer SFT data is for
VARIANT=think                                 # or nothink
TEACHER=gemini/gemini-3.8-flash               # its key in GEMINI_API_KEY; openai/NAME in OPENAI_API_KEY
MAX_COST_USD=60                               # what the teacher may cost
# vllm serve $RUNS/model --port 8000 --served-model-name policy
POLICY=vllm/policy
POLICY_URL=http://127.0.0.1:8000
# vllm serve Skywork/Skywork-Reward-Llama-3.1-8B-v0.2 --runner pooling --convert classify --port 8001
REWARD=vllm/Skywork/Skywork-Reward-Llama-3.1-8B-v0.2
REWARD_URL=http://127.0.0.1:8001

# The command where it is installed, else what made this folder.
thinkset() {
  if type -P thinkset > /dev/null; then command thinkset "$@"; else @THINKSET@ "$@"; fi
}

# Tasks that build have no network: what is on the Hub (HF_TOKEN for gated models) is fetched here.
case "$INSTRUCT" in hf/*) thinkset download "$INSTRUCT" --what tokenizer > /dev/null ;; esac

# 1. The base model, with a chat template that asks for the format; nothing is trained.
[ -e "$RUNS/model/manifest.json" ] ||
  thinkset create-prompted-model --model "$BASE" --variant "$VARIANT" --template rlmt \
    --weights hardlink --out "$RUNS/model"

# 2. A teacher's thought and response to each English prompt, as SFT data. First what it would cost.
teacher=(--prompts "$PROMPTS" --keep "$KEEP" --model "$TEACHER" --language en --out "$RUNS/teacher")
thinkset sample-teacher "${teacher[@]}" --estimate
thinkset sample-teacher "${teacher[@]}" --max-cost-usd "$MAX_COST_USD"
thinkset build-sft --in "$RUNS/teacher" --variant "$VARIANT" --tokenizer "$INSTRUCT" --out "$RUNS/sft"

# 3. Eight replies a prompt, each with a reward for the answer alone; best against worst.
thinkset sample-policy --prompts "$PROMPTS" --keep "$KEEP" --model "$POLICY" --base-url "$POLICY_URL" \
  --tokenizer "$RUNS/model" --n 8 --temperature 0.7 --max-tokens 4096 --out "$RUNS/policy"
thinkset score-responses --in "$RUNS/policy" --reward-model "$REWARD" --base-url "$REWARD_URL" \
  --max-length 4096 --out "$RUNS/scored"
thinkset build-dpo --in "$RUNS/scored" --format "prompted-$VARIANT" --tokenizer "$RUNS/model" \
  --min-responses 4 --max-length 8192 --train-split 0.97 --seed 42 --out "$RUNS/dpo"

# 4. A page to look at, and every hash, count and ledger once more.
thinkset report --in "$RUNS/scored" --in "$RUNS/sft" --in "$RUNS/dpo" --out "$RUNS/report.html"
thinkset verify --quiet --in "$RUNS"
