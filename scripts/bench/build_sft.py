"""SFT data as scripts of the usual kind build it: all rows in memory, one at a time.

python build_sft.py TEACHER.json OUT TOKENIZER [--think]
Needs datasets and transformers. Kept to be compared with thinkset's build-sft.
"""

import argparse
import json

import datasets
from transformers import AutoTokenizer

parser = argparse.ArgumentParser()
parser.add_argument("input")
parser.add_argument("out")
parser.add_argument("tokenizer")
parser.add_argument("--think", action="store_true")
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
made = datasets.DatasetDict({"train": datasets.Dataset.from_list(rows)})
made.save_to_disk(args.out)
print(len(rows))
