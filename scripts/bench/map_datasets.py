"""SFT or DPO data by `datasets`' own filter and map, a row at a time, as Parquet.

python map_datasets.py sft|dpo RECORDS.jsonl OUT TOKENIZER
Needs datasets, transformers and NumPy. What build-sft and build-dpo write, in the way of most
training recipes. Kept to be compared with them.
"""

import argparse
import pathlib

import datasets
import numpy as np
from transformers import AutoTokenizer

TAGS = ("<think>", "</think>", "<response>", "</response>")
MAX_LENGTH = 8192

parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["sft", "dpo"])
parser.add_argument("input")
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("tokenizer")
args = parser.parse_args()

tokenizer = AutoTokenizer.from_pretrained(args.tokenizer)
records = datasets.load_dataset(
    "json", data_files=args.input, split="train", cache_dir=str(args.out / "cache")
)


def is_clean(*texts):
    return not any(tag in text for text in texts for tag in TAGS)


def turn(thought, answer):
    return [{"role": "assistant", "content": f"<think>\n{thought}\n</think>\n\n{answer}"}]


def save(rows, config, split):
    folder = args.out / config
    folder.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(folder / f"{split}-00000-of-00001.parquet")


def sft_row(record):
    messages = record["messages"] + turn(record["thought"], record["response"])
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    return {"messages": messages, "text": text}


def dpo_row(record):
    replies = sorted(record["responses"], key=lambda reply: -reply["score"])
    best, worst = replies[0], replies[-1]
    return {
        "chosen": turn(best["thought"], best["answer"]),
        "rejected": turn(worst["thought"], worst["answer"]),
        "score_chosen": best["score"],
        "score_rejected": worst["score"],
    }


def fits(row):
    for side in ("chosen", "rejected"):
        text = tokenizer.apply_chat_template(row["prompt"] + row[side], tokenize=False)
        if len(tokenizer.encode(text)) > MAX_LENGTH:
            return False
    return True


if args.kind == "sft":
    records = records.filter(lambda record: is_clean(record["thought"], record["response"]))
    rows = records.map(sft_row).select_columns(["id", "source", "messages", "text"])
    save(rows, "data", "train")
    pairs = rows.map(
        lambda row: {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]},
        remove_columns=["messages", "text"],
    )
    save(pairs, "prompt_completion", "train")
else:
    records = records.filter(lambda record: len(record["responses"]) >= 4)
    columns = ["id", "source", "prompt", "chosen", "rejected", "score_chosen", "score_rejected"]
    rows = records.map(dpo_row).select_columns(columns).filter(fits)
    np.random.seed(42)
    order = np.random.permutation(len(rows))
    train = int(0.97 * len(rows))
    save(rows.select(order[:train]), "data", "train")
    save(rows.select(order[train:]), "data", "validation")
print(len(rows))
