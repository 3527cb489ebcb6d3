"""The ids and labels that TRL's trainers make of rows.

Reads {now, max_length, tasks: [{tokenizer, file, pairs}]} from standard input;
writes for each task and row its ids and labels, or null where TRL drops it, as JSON.
"""

import json
import sys
import tempfile
from datetime import datetime as real

import datasets
import datasets.arrow_dataset as arrow
import datasets.fingerprint as fingerprint
import torch
import transformers.utils.chat_template_utils as chat
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

job = json.load(sys.stdin)
datasets.disable_progress_bars()
# Nothing is taken from a cache here, and a whole tokenizer hashed for each step is most of the time.
for module in (arrow, fingerprint):
    module.update_fingerprint = lambda *_: fingerprint.generate_random_fingerprint()


class Now(real):
    """The day on which templates are rendered."""

    @classmethod
    def now(cls, tz=None):
        return real.fromisoformat(job["now"])


chat.datetime = Now


def labels(task):
    tokenizer = AutoTokenizer.from_pretrained(task["tokenizer"])
    size = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
    model, reference = (LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **size)) for _ in range(2))
    data = datasets.load_dataset(
        "parquet", data_files=task["file"], split="train", cache_dir=tempfile.mkdtemp()
    )
    data = data.add_column("index", list(range(len(data))))
    settings = dict(
        output_dir=tempfile.mkdtemp(), use_cpu=True, report_to=[], bf16=False, max_length=job["max_length"]
    )
    rows = [None] * len(data)
    if task["pairs"]:
        args = DPOConfig(**settings)
        trainer = DPOTrainer(
            model=model, ref_model=reference, args=args, train_dataset=data, processing_class=tokenizer
        )
        for row in trainer.train_dataset:
            batch = trainer.data_collator([row])
            sides = []
            masks = zip(batch["input_ids"], batch["completion_mask"], batch["attention_mask"])
            for ids, mask, attention in masks:
                length = int(attention.sum())
                ids, mask = ids[:length].tolist(), mask[:length].tolist()
                sides.append([ids, [id if learnt else -100 for id, learnt in zip(ids, mask)]])
            rows[row["index"]] = sides
    else:
        args = SFTConfig(**settings)
        trainer = SFTTrainer(model=model, args=args, train_dataset=data, processing_class=tokenizer)
        for row in trainer.train_dataset:
            rows[row["index"]] = [[row["input_ids"], row.get("labels", row["input_ids"])]]
    return rows


json.dump([labels(task) for task in job["tasks"]], sys.stdout)
