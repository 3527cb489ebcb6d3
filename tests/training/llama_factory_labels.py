"""The ids and labels that LLaMA-Factory's converters, templates and processors make of rows.

Reads {now, max_length, tasks: [{tokenizer, file, pairs, set}]} from standard input; writes for each
task and row its ids and labels, or null where LLaMA-Factory drops it, as JSON;
null for a task whose settings it refuses.
"""

import importlib.machinery
import json
import sys
import types

import pyarrow.parquet as parquet

# torchaudio for another CUDA than torch's ends the import; nothing here is heard.
audio = types.ModuleType("torchaudio")
audio.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = audio

from datetime import datetime as real

import transformers.utils.chat_template_utils as chat
from llamafactory.data.converter import get_dataset_converter
from llamafactory.data.mm_plugin import get_mm_plugin
from llamafactory.data.parser import DatasetAttr
from llamafactory.data.processor import PairwiseDatasetProcessor, SupervisedDatasetProcessor
from llamafactory.data.template import get_template_and_fix_tokenizer
from llamafactory.hparams import DataArguments
from transformers import AutoTokenizer

job = json.load(sys.stdin)


class Now(real):
    """The day on which templates are rendered."""

    @classmethod
    def now(cls, tz=None):
        return real.fromisoformat(job["now"])


chat.datetime = Now

# As --export llama-factory writes it into dataset_info.json.
INFO = {
    "formatting": "sharegpt",
    "columns": {"messages": "messages"},
    "tags": {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    },
}


def value(text):
    return {"true": True, "false": False}.get(text, text)


opened = {}


def tokenizer_of(folder, template):
    """The folder's tokenizer; a template changes it, so each has its own."""
    if (folder, template) not in opened:
        opened[folder, template] = AutoTokenizer.from_pretrained(folder)
    return opened[folder, template]


def labels(task):
    settings = {name: value(text) for name, text in task["set"].items()}
    tokenizer = tokenizer_of(task["tokenizer"], settings.get("template"))
    try:
        data_args = DataArguments(cutoff_len=job["max_length"], **settings)
        template = get_template_and_fix_tokenizer(tokenizer, data_args)
    except Exception as error:  # whatever it is, the training does not begin
        print(task["tokenizer"], settings, str(error)[:200], file=sys.stderr)
        return None
    # Qwen 3.5's needs a processor of images; text passes through both unchanged.
    template.mm_plugin = get_mm_plugin("base")
    info = DatasetAttr("file", dataset_name="rows")
    columns = {"chosen": "chosen", "rejected": "rejected"} if task["pairs"] else {}
    info.join({**INFO, "ranking": task["pairs"], "columns": {**INFO["columns"], **columns}})
    convert = get_dataset_converter("sharegpt", info, data_args)
    kind = PairwiseDatasetProcessor if task["pairs"] else SupervisedDatasetProcessor
    processor = kind(template=template, tokenizer=tokenizer, processor=None, data_args=data_args)
    rows = []
    for row in parquet.read_table(task["file"]).to_pylist():
        if task["pairs"]:
            row = {"messages": row["prompt"], "chosen": row["chosen"][0], "rejected": row["rejected"][0]}
        made = processor.preprocess_dataset({key: [part] for key, part in convert(row).items()})
        sides = ["chosen_", "rejected_"] if task["pairs"] else [""]
        if not made:
            rows.append(None)
            continue
        rows.append([[made[f"{side}input_ids"][0], made[f"{side}labels"][0]] for side in sides])
    return rows


made = [labels(task) for task in job["tasks"]]
print()
print(json.dumps(made))
