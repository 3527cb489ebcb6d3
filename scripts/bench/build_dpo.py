"""DPO data as scripts of the usual kind build it: all rows in memory, every text tokenized.

python build_dpo.py SCORED.json OUT TOKENIZER [--format FORMAT] [--max-length N] [--seed N] [--parquet]
Needs datasets, transformers and NumPy. Kept to be compared with thinkset's build-dpo, whose columns
--parquet writes, compressed with zstd; without it, save_to_disk of the public columns.
"""

import argparse
import json
import os

import datasets
import numpy as np
import pyarrow.parquet as pq
from transformers import AutoTokenizer

FORMATS = {
    "prompted-think": "<think> {thought} </think>\n<response> {answer} </response>",
    "prompted-nothink": "<response> {answer} </response>",
    "chat-think": "<think>\n{thought}\n</think>\n{answer}",
    "chat": "{answer}",
}

parser = argparse.ArgumentParser()
parser.add_argument("input")
parser.add_argument("out")
parser.add_argument("tokenizer")
parser.add_argument("--format", choices=FORMATS, default="chat-think")
parser.add_argument("--max-length", type=int, default=8192)
parser.add_argument("--min-responses", type=int, default=4)
parser.add_argument("--train-split", type=float, default=0.97)
parser.add_argument("--seed", type=int, default=42)
parser.add_argument("--parquet", action="store_true")
args = parser.parse_args()

with open(args.input) as file:
    if args.input.endswith(".jsonl"):
        entries = [json.loads(line) for line in file]
    else:
        entries = json.load(file)
tokenizer = AutoTokenizer.from_pretrained(args.tokenizer)


def chat(prompt, reply):
    answer = reply.get("answer") or reply.get("response")
    content = FORMATS[args.format].replace("{answer}", answer)
    if "{thought}" in content:
        content = content.replace("{thought}", reply["thought"])
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": content}]


def length(messages):
    return len(tokenizer.encode(tokenizer.apply_chat_template(messages, tokenize=False)))


rows = []
for entry in entries:
    replies = [reply for reply in entry["responses"] if reply["score"] is not None]
    if len(replies) < args.min_responses:
        continue
    prompt = entry["prompt"]
    if not isinstance(prompt, str):
        prompt = prompt[0]["content"]
    ranked = sorted(replies, key=lambda reply: -reply["score"])
    chosen, rejected = chat(prompt, ranked[0]), chat(prompt, ranked[-1])
    if length(chosen) > args.max_length or length(rejected) > args.max_length:
        continue
    row = {"prompt": prompt, "chosen": chosen, "rejected": rejected}
    if args.parquet:
        row = {
            "id": entry.get("id", f"row-{len(rows)}"),
            "source": entry.get("source", "public"),
            "prompt": chosen[:-1],
            "chosen": chosen[-1:],
            "rejected": rejected[-1:],
            "score_chosen": ranked[0]["score"],
            "score_rejected": ranked[-1]["score"],
        }
    rows.append(row)

np.random.seed(args.seed)
rows = [rows[place] for place in np.random.permutation(len(rows)).tolist()]
cut = int(args.train_split * len(rows))
made = datasets.DatasetDict(
    {
        "train": datasets.Dataset.from_list(rows[:cut]),
        "validation": datasets.Dataset.from_list(rows[cut:]),
    }
)
if args.parquet:
    os.makedirs(f"{args.out}/data")
    for split, own in made.items():
        path = f"{args.out}/data/{split}.parquet"
        pq.write_table(own.data.table, path, compression="zstd", row_group_size=1000)
else:
    made.save_to_disk(args.out)
print(len(rows), cut)
