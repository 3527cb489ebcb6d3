"""Samples a policy with transformers' generate(), all replies in one batch, on one thread.

python sampling_transformers.py JOB.json
Needs transformers, torch and, where the folder has no safetensors, onnx. For sampling.ts.
"""

import json
import os
import sys
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

job = json.load(open(sys.argv[1]))
folder = job["model"]
torch.set_num_threads(1)


def embedded():
    """The embedded policy: its weights stand in the graph in the model's order, turned for x @ W."""
    import onnx
    from onnx import numpy_helper

    config = LlamaConfig(**json.load(open(f"{folder}/config.json")))
    graph = onnx.load(f"{folder}/onnx/model.onnx").graph
    arrays = [torch.tensor(numpy_helper.to_array(i)).float() for i in graph.initializer]
    wide = config.hidden_size
    known = (config.vocab_size, wide, 3 * wide, 2 * config.intermediate_size)
    arrays = [a for a in arrays if a.shape and a.shape[0] in (*known, config.intermediate_size)]
    arrays = [a for a in arrays if a.shape[-1] in known]
    weights = iter(arrays)
    state = {"model.embed_tokens.weight": next(weights)}
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    state["model.layers.0.input_layernorm.weight"] = next(weights)
    for layer in range(config.num_hidden_layers):
        at = f"model.layers.{layer}."
        for part, rows in zip("qkv", next(weights).T.split(wide)):
            state[f"{at}self_attn.{part}_proj.weight"] = rows
        state[f"{at}self_attn.o_proj.weight"] = next(weights).T
        state[f"{at}post_attention_layernorm.weight"] = next(weights)
        gate, up = next(weights).T.split(config.intermediate_size)
        state[f"{at}mlp.gate_proj.weight"], state[f"{at}mlp.up_proj.weight"] = gate, up
        state[f"{at}mlp.down_proj.weight"] = next(weights).T
        last = layer + 1 == config.num_hidden_layers
        following = "model.norm" if last else f"model.layers.{layer + 1}.input_layernorm"
        state[f"{following}.weight"] = next(weights)
    model = LlamaForCausalLM(config)
    model.load_state_dict(state)
    return model


if os.path.exists(f"{folder}/model.safetensors"):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
else:
    model = embedded()
model.eval()
tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
ends = [tokenizer.eos_token_id]
if job["stop"] is not None:
    ends.append(tokenizer.convert_tokens_to_ids(job["stop"]))
# What the folder's own file says would be mixed into the options below.
model.generation_config = type(model.generation_config)()
inputs = tokenizer(job["prompts"], return_tensors="pt", padding=True, add_special_tokens=False)
prompt = inputs.input_ids.shape[1]


def sample(**options):
    with torch.inference_mode():
        out = model.generate(
            input_ids=inputs.input_ids,
            attention_mask=inputs.attention_mask,
            eos_token_id=ends,
            pad_token_id=tokenizer.pad_token_id,
            **options,
        )
    return out[:, prompt:]


def length(row):
    """Tokens up to the end of the reply, its last one included."""
    ids = row.tolist()
    return next((at + 1 for at, token in enumerate(ids) if token in ends), len(ids))


greedy = sample(do_sample=False, max_new_tokens=job["greedyTokens"])
texts = []
for row in greedy:
    row = row[: length(row)]
    if row[-1].item() == tokenizer.eos_token_id:
        row = row[:-1]
    texts.append(tokenizer.decode(row, skip_special_tokens=True))
torch.manual_seed(job["seed"])


def sampled():
    replies = sample(
        do_sample=True,
        temperature=job["temperature"],
        top_p=1.0,
        top_k=0,
        num_return_sequences=job["n"],
        max_new_tokens=job["maxTokens"],
    )
    return [length(row) for row in replies]


if job["rounds"] > 1:
    sampled()
start, before = time.perf_counter(), time.process_time()
lengths = [length for _ in range(job["rounds"]) for length in sampled()]
seconds, cpu = time.perf_counter() - start, time.process_time() - before
print(
    json.dumps(
        {"tokens": sum(lengths), "longest": max(lengths), "seconds": seconds, "cpu": cpu, "greedy": texts}
    )
)
