"""TRL's own preparation of an SFT dataset: rendering, tokens and masks.

python trl_prepare.py FOLDER TOKENIZER
FOLDER holds Parquet files of prompts and completions. Prints the processor and the wall seconds that it took.
"""

import json
import sys
import tempfile
import time

import datasets
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer

folder, name = sys.argv[1:]
datasets.disable_progress_bars()
tokenizer = AutoTokenizer.from_pretrained(name)
size = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), **size))
data = datasets.load_dataset("parquet", data_files=f"{folder}/*.parquet", split="train", cache_dir=tempfile.mkdtemp())
args = SFTConfig(tempfile.mkdtemp(), use_cpu=True, report_to=[], bf16=False, max_length=4096)
cpu, wall = time.process_time(), time.perf_counter()
SFTTrainer(model=model, args=args, train_dataset=data, processing_class=tokenizer)
print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))
