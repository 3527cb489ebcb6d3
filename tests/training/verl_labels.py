"""The ids and labels that verl's data set makes of rows.

Reads {now, max_length, tasks: [{tokenizer, file}]} from standard input; writes for each task and row
its ids and labels, or null where verl refuses the row, as JSON.
"""

import json
import sys
from datetime import datetime as real

import transformers.utils.chat_template_utils as chat
from omegaconf import OmegaConf
from transformers import AutoTokenizer
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

job = json.load(sys.stdin)


class Now(real):
    """The day on which templates are rendered."""

    @classmethod
    def now(cls, tz=None):
        return real.fromisoformat(job["now"])


chat.datetime = Now


def labels(task):
    config = OmegaConf.create({"pad_mode": "no_padding", "max_length": job["max_length"]})
    tokenizer = AutoTokenizer.from_pretrained(task["tokenizer"])
    data = MultiTurnSFTDataset(task["file"], tokenizer, config)
    rows = []
    for index in range(len(data)):
        try:
            row = data[index]
        except Exception as error:  # whatever it is, the training ends there
            print(task["file"], index, str(error)[:200], file=sys.stderr)
            rows.append(None)
            continue
        ids, mask = row["input_ids"].tolist(), row["loss_mask"].tolist()
        rows.append([[ids, [id if learnt else -100 for id, learnt in zip(ids, mask)]]])
    return rows


made = [labels(task) for task in job["tasks"]]
print()
print(json.dumps(made))
