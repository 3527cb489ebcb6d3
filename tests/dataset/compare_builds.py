"""Compares datasets row by row, in order and by split.

Reads {pairs: [[ours, theirs]]} from standard input: a dataset's folder with arrow/ in it, and a
save_to_disk folder. Writes for each pair the number of rows by split, or where they differ.
"""

import json
import pathlib
import sys

import datasets

report = []
for ours, theirs in json.load(sys.stdin)["pairs"]:
    own = datasets.load_from_disk(str(pathlib.Path(ours, "arrow")))
    other = datasets.load_from_disk(theirs)
    differs = [f"splits {list(own)} {list(other)}"] if set(own) != set(other) else []
    for split in set(own) & set(other):
        if own[split].features != other[split].features:
            differs.append(f"{split}: {own[split].features} {other[split].features}")
        if own[split].to_list() != other[split].to_list():
            differs.append(f"{split}: rows")
    report.append({"rows": {split: len(rows) for split, rows in other.items()}, "differs": differs})
print(json.dumps(report))
