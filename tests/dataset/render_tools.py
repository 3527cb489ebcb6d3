"""Loads datasets and renders their rows with transformers, tools and all.

In: {"folders": [{"folder", "kind": "sft" | "dpo", "tokenizer", "config"}], "cache"}
Out: for each folder the rows in order: {"id", "texts": [...], "text", "tools", "messages"}; an SFT
row is rendered whole, a DPO row once a side.
"""
import functools
import json
import sys

from datasets import load_dataset
from transformers import AutoTokenizer

job = json.load(sys.stdin)
load_tokenizer = functools.cache(AutoTokenizer.from_pretrained)
result = []
for each in job["folders"]:
    tokenizer = load_tokenizer(each["tokenizer"])
    dataset = load_dataset(
        each["folder"], each["config"], split="train", cache_dir=job["cache"]
    )
    rows = []
    for row in dataset:
        if each["config"] == "prompt_completion":
            chats = [row["prompt"] + row["completion"]]
        elif each["kind"] == "sft":
            chats = [row["messages"]]
        else:
            chats = [row["prompt"] + row[side] for side in ("chosen", "rejected")]
        texts = [
            tokenizer.apply_chat_template(
                chat,
                tools=row["tools"],
                tokenize=False,
                **(row.get("chat_template_kwargs") or {}),
            )
            for chat in chats
        ]
        rows.append({"id": row["id"], "text": row.get("text"), "texts": texts, "tools": row["tools"]})
    result.append(rows)
json.dump(result, sys.stdout)
