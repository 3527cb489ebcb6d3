"""Rows of exported files as TRL's own apply_chat_template renders them.

In: {"files", "tokenizer"}; out: for each file its rows, their fields as text.
"""
import json
import sys

from datasets import load_dataset
from transformers import AutoTokenizer
from trl import apply_chat_template

job = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(job["tokenizer"])
result = []
for file in job["files"]:
    rows = load_dataset("json", data_files=file, split="train", cache_dir=file + ".cache")
    result.append([apply_chat_template(row, tokenizer) for row in rows])
json.dump(result, sys.stdout)
