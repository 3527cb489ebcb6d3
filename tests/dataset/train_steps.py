"""One optimizer step of TRL's SFTTrainer and DPOTrainer on datasets that thinkset built.

Reads {tokenizer, sft: [folder, configuration], dpo, work} from standard input, writes what the
trainers made of the first row as JSON.
"""

import json
import sys

import datasets
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

job = json.load(sys.stdin)
datasets.disable_progress_bars()
torch.manual_seed(0)


def load(folder, name):
    return datasets.load_dataset(folder, name, split="train", cache_dir=job["work"])


def tiny(tokenizer):
    size = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2)
    return LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **size))


settings = dict(
    output_dir=job["work"],
    max_steps=1,
    per_device_train_batch_size=2,
    learning_rate=0.1,
    use_cpu=True,
    report_to=[],
    save_strategy="no",
    disable_tqdm=True,
    bf16=False,
    max_length=1024,
)
report = {}
tokenizer = AutoTokenizer.from_pretrained(job["tokenizer"])


def moved(trainer):
    before = [weight.detach().clone() for weight in trainer.model.parameters()]
    loss = trainer.train().training_loss
    after = list(trainer.model.parameters())
    return loss, any(not torch.equal(a, b) for a, b in zip(before, after))


for name in ("default", "prompt_completion"):
    data = load(job["sft"], name)
    trainer = SFTTrainer(
        model=tiny(tokenizer),
        args=SFTConfig(**settings),
        train_dataset=data,
        processing_class=tokenizer,
    )
    row = trainer.train_dataset[0]
    ids = row["input_ids"]
    labels = row.get("labels", ids)
    loss, has_moved = moved(trainer)
    report[name] = {
        "loss": loss,
        "moved": has_moved,
        "text": tokenizer.decode(ids),
        "learnt": tokenizer.decode([label for label in labels if label != -100]),
        "bos": ids.count(tokenizer.bos_token_id),
    }

trainer = DPOTrainer(
    model=tiny(tokenizer),
    ref_model=tiny(tokenizer),
    args=DPOConfig(**settings),
    train_dataset=load(job["dpo"], "default"),
    processing_class=tokenizer,
)
row = trainer.train_dataset[0]
loss, has_moved = moved(trainer)
report["dpo"] = {
    "loss": loss,
    "moved": has_moved,
    "prompt": tokenizer.decode(row["prompt_ids"]),
    "chosen": tokenizer.decode(row["chosen_ids"]),
    "rejected": tokenizer.decode(row["rejected_ids"]),
}
json.dump(report, sys.stdout)
