"""SFT data as scripts of the usual kind build it: all rows in memory, one at a time.

python build_sft.py TEACHER.json OUT TOKENIZER [--think] [--parquet]
Needs datasets and transformers. Kept to be compared with thinkset's build-sft, whose two
configurations --parquet writes, compressed with zstd; without it, save_to_disk of one.
"""

import argparse
import json
import os

import datasets
import pyarrow.parquet as pq
from transformers import AutoTokenizer

parser = argparse.ArgumentParser()
parser.add_argument("input")
parser.add_argument("out")
parser.add_argument("tokenizer")
parser.add_argument("--think", action="store_true")
parser.add_argument("--parquet", action="store_true")
args = parser.parse_args()

with open(args.input) as file:
    if args.input.endswith(".jsonl"):
        entries = [json.loads(line) for line in file]
    else:
        entries = json.load(file)
tokenizer = AutoTokenizer.from_pretrained(args.tokenizer)

rows, seen = [], set()
for entry in entries:
    parts = [entry["response"]] + ([entry["thought"]] if args.think else [])
    tags = ("<think>", "</think>", "<response>", "</response>")
    if entry["id"] in seen or any(tag in part for part in parts for tag in tags):
        continue
    seen.add(entry["id"])
    content = entry["response"]
    if args.think:
        content = f"<think>\n{entry['thought']}\n</think>\n\n{content}"
    messages = [
        {"role": "user", "content": entry["messages"][0]["content"]},
        {"role": "assistant", "content": content},
    ]
    rows.append(
        {
            "id": entry["id"],
            "source": entry["source"],
            "messages": messages,
            "text": tokenizer.apply_chat_template(messages, tokenize=False),
        }
    )
if args.parquet:
    pairs = [
        {
            "id": row["id"],
            "source": row["source"],
            "prompt": row["messages"][:-1],
            "completion": row["messages"][-1:],
        }
        for row in rows
    ]
    for config, own in (("data", rows), ("prompt_completion", pairs)):
        os.makedirs(f"{args.out}/{config}")
        table = datasets.Dataset.from_list(own).data.table
        path = f"{args.out}/{config}/train.parquet"
        pq.write_table(table, path, compression="zstd", row_group_size=1000)
else:
    made = datasets.DatasetDict({"train": datasets.Dataset.from_list(rows)})
    made.save_to_disk(args.out)
print(len(rows))
