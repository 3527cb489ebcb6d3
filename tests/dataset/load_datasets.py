"""Loads datasets as people do, and compares what thinkset rendered with transformers' own.

Reads {folders: [{folder, configs, tokenizer?}], cache} from standard input. Writes, for each folder,
by configuration the features and rows, whether the Arrow layout gives the same, and the ids whose
text is not what the tokenizer's apply_chat_template gives.
"""

import json
import pathlib
import sys

import datasets
from transformers import AutoTokenizer

job = json.load(sys.stdin)
datasets.disable_progress_bars()
report = []
for each in job["folders"]:
    folder, made = each["folder"], {"configs": {}}
    for name in each["configs"]:
        data = datasets.load_dataset(folder, name, cache_dir=job["cache"])
        split = data["train"]
        made["configs"][name] = {
            "rows": {part: len(rows) for part, rows in data.items()},
            "features": repr(split.features),
            # What a card-less load of the same files finds: the files must be as the card says.
            "own": repr(
                datasets.Dataset.from_parquet(
                    [str(path) for path in pathlib.Path(folder).glob(f"{each['configs'][name]}/train-*")],
                    cache_dir=job["cache"],
                ).features
            ),
            "first": split[0] if len(split) else None,
            "mapped": len(split.map(lambda row: {"more": 1})),
        }
    if pathlib.Path(folder, "arrow").exists():
        main = datasets.load_dataset(folder, cache_dir=job["cache"])
        disk = datasets.load_from_disk(str(pathlib.Path(folder, "arrow")))
        made["arrow_equal"] = all(
            disk[part].features == rows.features and disk[part].to_list() == rows.to_list()
            for part, rows in main.items()
        )
    if "tokenizer" in each:
        tokenizer = AutoTokenizer.from_pretrained(each["tokenizer"])
        rows = datasets.load_dataset(folder, split="train", cache_dir=job["cache"])
        made["rendered"] = len(rows)
        made["unequal"] = [
            row["id"]
            for row in rows
            if tokenizer.apply_chat_template(
                row["messages"], tokenize=False, **row.get("chat_template_kwargs", {})
            )
            != row["text"]
        ]
    report.append(made)
print(json.dumps(report))
