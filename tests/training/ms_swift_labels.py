"""The ids and labels that ms-swift's preprocessor and templates make of rows.

Reads {now, max_length, tasks: [{tokenizer, file, pairs, set}]} from standard input; writes for each
task and row its ids and labels, or null where ms-swift drops it, as JSON.
"""

import json
import os
import sys
from datetime import datetime as real
from types import SimpleNamespace

os.environ.setdefault("LOG_LEVEL", "ERROR")

import pyarrow.parquet as parquet

job = json.load(sys.stdin)


class Now(real):
    """The day on which templates are rendered."""

    @classmethod
    def now(cls, tz=None):
        return real.fromisoformat(job["now"])


from swift.arguments.base_args.template_args import TemplateArguments
from swift.dataset.preprocessor import MessagesPreprocessor
from swift.model import get_processor
from swift.template import TEMPLATE_MAPPING, MaxLengthError, get_template, register_template
from swift.template.templates import llama, llm

# Two templates write the day: one when it renders, the other when it is registered.
llm.datetime = Now
llama.dt = SimpleNamespace(datetime=Now)
register_template(llama.Llama3_2TemplateMeta("llama3_2"), exist_ok=True)

KEPT = ["messages", "rejected_messages", "chat_template_kwargs", "tools"]
opened = {}


# What a folder's model is called, by the template that the task names; all are texts' models here.
MODELS = {"llama3_2": "llama", "qwen2_5": "qwen2", "gpt_oss": "gpt_oss"}


def processor_of(folder, template):
    model_type = MODELS.get(template, "qwen3")
    if folder not in opened:
        opened[folder] = get_processor(folder, model_type=model_type)
    return opened[folder]


def labels(task):
    settings = {name: {"true": True, "false": False}.get(text, text) for name, text in task["set"].items()}
    name = settings.pop("template")
    cut = settings.pop("truncation_strategy", "delete")
    # As the command's own arguments settle it (swift/arguments).
    loss = SimpleNamespace(
        loss_scale=settings.pop("loss_scale", "last_round" if task["pairs"] else "default"),
        disable_ignore_empty_think=settings.pop("disable_ignore_empty_think", False),
        template_meta=TEMPLATE_MAPPING[name],
    )
    TemplateArguments._set_loss_scale(loss)
    template = get_template(
        processor_of(task["tokenizer"], task["set"]["template"]),
        template_type=name,
        max_length=job["max_length"],
        truncation_strategy="raise" if cut == "delete" else cut,
        loss_scale=loss.loss_scale,
        **settings,
    )
    template.set_mode("rlhf" if task["pairs"] else "train")
    prepare = MessagesPreprocessor()
    rows = []
    for row in parquet.read_table(task["file"]).to_pylist():
        if task["pairs"]:
            row["messages"] = row["prompt"] + row["chosen"]
            row["rejected_messages"] = row["prompt"] + row["rejected"]
        columns = {key: [row[key]] for key in KEPT if row.get(key) is not None}
        batch = prepare.batched_preprocess(columns, strict=True, ignore_max_length_error=False)
        [one] = prepare.batched_to_rows(batch)
        try:
            made = template.encode(one, return_length=True)
        except MaxLengthError:
            rows.append(None)
            continue
        sides = ["chosen_", "rejected_"] if task["pairs"] else [""]
        rows.append([[made[f"{side}input_ids"], made[f"{side}labels"]] for side in sides])
    return rows


made = [labels(task) for task in job["tasks"]]
print()
print(json.dumps(made))
