"""The ids and labels that axolotl's chat_template strategy makes of rows, with its defaults.

Reads {now, max_length, tasks: [{tokenizer, file}]} from standard input; writes for each task and row
its ids and labels, or null where the row is longer than sequence_len and so dropped, as JSON.
"""

import json
import sys
from datetime import datetime as real

import pyarrow.parquet as parquet
import transformers.utils.chat_template_utils as chat
from axolotl.prompt_strategies.chat_template import load
from axolotl.utils.dict import DictDefault
from transformers import AutoTokenizer

job = json.load(sys.stdin)


class Now(real):
    """The day on which templates are rendered."""

    @classmethod
    def now(cls, tz=None):
        return real.fromisoformat(job["now"])


chat.datetime = Now


def labels(task):
    tokenizer = AutoTokenizer.from_pretrained(task["tokenizer"])
    cfg = DictDefault({"sequence_len": job["max_length"], "train_on_inputs": False, "chat_template": "tokenizer_default"})
    strategy = load(tokenizer, cfg, DictDefault({"type": "chat_template"}))
    rows = []
    for row in parquet.read_table(task["file"]).to_pylist():
        made = strategy.tokenize_prompt(row)
        ids = made["input_ids"]
        rows.append(None if len(ids) > job["max_length"] else [[ids, made["labels"]]])
    return rows


made = [labels(task) for task in job["tasks"]]
print()
print(json.dumps(made))
