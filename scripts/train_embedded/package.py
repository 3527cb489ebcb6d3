"""Lays the two model folders out as transformers.js reads them."""

import json
import shutil
from pathlib import Path

import numpy as np
import torch

import export_onnx
import plain_weights
import tokenizer as tok
import train_policy
import train_reward

REWARD_TEMPLATE = (
    "{{- bos_token }}"
    "{%- for message in messages %}"
    "{%- if message['role'] == 'system' %}{{- message['content'] | trim }}{{ '\\n' }}"
    "{%- elif message['role'] == 'user' %}{{- 'User: <query> ' + message['content'] | trim + ' </query>\\n' }}"
    "{%- else %}{{- 'Assistant: ' + message['content'] | trim + eos_token }}"
    "{%- if not loop.last %}{{- '\\n' }}{%- endif %}"
    "{%- endif %}"
    "{%- endfor %}"
)


def write(path: Path, value: dict | str) -> None:
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=2) + "\n")


def weights(path: Path) -> dict[str, np.ndarray]:
    return {k: v.detach().float().numpy() for k, v in torch.load(path).items()}


def policy(work: Path, out: Path) -> None:
    shape, state, graph = train_policy.SHAPE, weights(work / "policy.pt"), out / "onnx" / "model.onnx"
    export_onnx.export_policy(shape, state, graph)
    export_onnx.export_policy_steps(shape, state, graph)
    shutil.copy(work / "tokenizer.json", out / "tokenizer.json")
    write(out / "tokenizer_config.json", tok.settings())
    write(out / "special_tokens_map.json", tok.special_map())
    # The file of weights is fp16; trainers compute in what is said here.
    write(out / "config.json", {"architectures": ["LlamaForCausalLM"]} | shape.config() | {"dtype": "float32"})
    plain_weights.write(out)
    write(
        out / "generation_config.json",
        {
            "bos_token_id": tok.BOS,
            "eos_token_id": tok.EOS,
            "pad_token_id": tok.PAD,
            "do_sample": True,
            "temperature": 1.0,
            "top_k": 0,
            "top_p": 1.0,
        },
    )


def reward(work: Path, out: Path) -> None:
    shape, state = train_reward.SHAPE, weights(work / "reward.pt")
    body = {k.removeprefix("model."): v for k, v in state.items() if k.startswith("model.")}
    export_onnx.export_reward(shape, body, state["score.weight"], float(state["belief"]), out / "onnx" / "model.onnx")
    shutil.copy(work / "tokenizer.json", out / "tokenizer.json")
    write(out / "tokenizer_config.json", tok.settings(REWARD_TEMPLATE, "right"))
    write(out / "special_tokens_map.json", tok.special_map())
    write(out / "chat_template.jinja", REWARD_TEMPLATE)
    write(
        out / "config.json",
        {
            "architectures": ["LlamaForSequenceClassification"],
            "num_labels": 1,
            "id2label": {"0": "reward"},
            "label2id": {"reward": 0},
        }
        | shape.config(),
    )
