"""Trains models with TRL on datasets that thinkset built, one after the other in this process, and exports each.

Reads {"threads", "exporter", "trainings": [...]} from its argument, or from standard input where it has none; tells
how it goes as lines of JSON, on standard error in the first case. A training leaves its folder whole or not at all:
the model as the trainer saves it, lineage.json, training.json (the job and the curves), and onnx/steps.onnx for
`local/DIR`.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path

if len(sys.argv) > 1:
    job, sys.stdout = json.loads(sys.argv[1]), sys.stderr
else:
    job = json.load(sys.stdin)
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(job["threads"])
for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "TQDM_DISABLE"):
    os.environ[name] = "1"
os.environ |= {"TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}
sys.path.append(job["exporter"])

import datasets
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

# What Python compiles of the packages it keeps, which the next start is ten seconds shorter by; beside
# the exporter, which may stand in a folder that is not to change, it leaves nothing.
kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True
from lineage import leave_lineage
from source import Folder, read_shape
from steps import export_steps

sys.dont_write_bytecode = kept
torch.set_num_threads(job["threads"])
datasets.disable_progress_bars()
CURVES = ("loss", "eval_loss", "eval_rewards/chosen", "eval_rewards/accuracies", "eval_rewards/margins")


def tell(**line) -> None:
    print(json.dumps(line), flush=True)


class Curves(TrainerCallback):
    """Keeps the curves; ends a training that makes the chosen replies less likely than they were."""

    def __init__(self, name: str, stops: bool):
        self.name, self.stops, self.history, self.collapsed = name, stops, [], None

    def on_log(self, args, state, control, logs=None, **_):
        kept = {key: logs[key] for key in CURVES if key in (logs or {})}
        if kept:
            self.history.append({"step": state.global_step, **kept})
            if "loss" in kept:
                tell(name=self.name, step=state.global_step, steps=state.max_steps, loss=kept["loss"])

    def on_evaluate(self, args, state, control, metrics=None, **_):
        chosen = (metrics or {}).get("eval_rewards/chosen")
        # The first steps move it hardly at all, either way.
        if self.stops and chosen is not None and chosen < 0 and 2 * state.global_step >= state.max_steps:
            self.collapsed = {"step": state.global_step, "chosen": chosen}
            control.should_training_stop = True


def train(one: dict, work: Path, cache: Path) -> None:
    torch.manual_seed(one["seed"])
    name = "default" if one["method"] == "dpo" else "prompt_completion"
    data = datasets.load_dataset(one["dataset"], name, cache_dir=str(cache))
    batch = one["batch"]
    steps = -(-len(data["train"]) // batch)
    settings = dict(
        output_dir=str(work / "trainer"),
        num_train_epochs=1,
        per_device_train_batch_size=batch,
        per_device_eval_batch_size=batch,
        learning_rate=one["learningRate"],
        lr_scheduler_type="cosine",
        warmup_steps=min(4, steps),
        weight_decay=0.0,
        seed=one["seed"],
        max_length=1024,
        gradient_checkpointing=False,
        logging_steps=1,
        use_cpu=True,
        bf16=False,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
    )
    if "validation" in data:
        settings |= dict(eval_strategy="steps", eval_steps=max(1, steps // 6))
    load = lambda: AutoModelForCausalLM.from_pretrained(one["model"], dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(one["model"])
    sets = dict(train_dataset=data["train"], eval_dataset=data.get("validation"), processing_class=tokenizer)
    curves = Curves(one["name"], one["stops"])
    if one["method"] == "dpo":
        # What the reference thinks of each row is kept in the cache: for evaluations, and for the next seed.
        args = DPOConfig(beta=0.1, loss_type=one["loss"], precompute_ref_log_probs=True, **settings)
        trainer = DPOTrainer(model=load(), ref_model=load(), args=args, callbacks=[curves], **sets)
    else:
        trainer = SFTTrainer(model=load(), args=SFTConfig(**settings), callbacks=[curves], **sets)
    trainer.train()
    made = work / "model"
    trainer.save_model(str(made))
    leave_lineage(made, "trl", Path(one["model"]), Path(one["dataset"]))
    (made / "training_args.bin").unlink(missing_ok=True)
    export_steps(read_shape(made), Folder(made), made / "onnx" / "steps.onnx", "fp32")
    told = {"job": one["job"], "collapsed": curves.collapsed, "history": curves.history}
    (made / "training.json").write_text(json.dumps(told, indent=2) + "\n")
    shutil.rmtree(one["out"], ignore_errors=True)
    os.replace(made, one["out"])


cache = Path(job["trainings"][0]["out"]).parent / "datasets.making"
shutil.rmtree(cache, ignore_errors=True)
for one in job["trainings"]:
    began, work = time.time(), Path(one["out"] + ".making")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    train(one, work, cache)
    shutil.rmtree(work)
    tell(name=one["name"], done=True, seconds=round(time.time() - began))
shutil.rmtree(cache, ignore_errors=True)
