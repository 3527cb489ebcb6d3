"""A model's folder as Hugging Face lays it out: its shape and its weights, for Llama, Qwen2 and Qwen3."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open

KINDS = ("llama", "mistral", "qwen2", "qwen3")
Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Shape:
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    positions: int
    eps: float
    tied: bool
    # Turns a token, in radians, of each pair of numbers of a head.
    speeds: np.ndarray


class Folder(Mapping):
    """The tensors of all safetensors files, by name without `model.`, each read when it is asked for."""

    def __init__(self, path: Path):
        if (path / "adapter_config.json").exists():
            raise SystemExit(f"{path}: holds an adapter (LoRA); merge it first: peft's merge_and_unload, then save_pretrained")
        self.files = {}
        for file in sorted(path.glob("*.safetensors")):
            opened = safe_open(file, framework="pt")
            self.files |= {name.removeprefix("model."): (opened, name) for name in opened.keys()}
        if not self.files:
            raise SystemExit(f"{path}: has no *.safetensors")

    def __getitem__(self, name: str) -> np.ndarray:
        opened, whole = self.files[name]
        return opened.get_tensor(whole).float().numpy()

    def __iter__(self):
        return iter(self.files)

    def __len__(self):
        return len(self.files)


def speeds(config: dict, head_dim: int) -> np.ndarray:
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    theta = rope.get("rope_theta") or config.get("rope_theta") or 10000.0
    plain = theta ** (-np.arange(0, head_dim, 2) / head_dim)
    kind = rope.get("rope_type") or rope.get("type") or "default"
    if kind == "default":
        return plain
    if kind != "llama3":
        raise SystemExit(f"config.json: rope_type {kind} is not known; default and llama3 are")
    # Slow turns are slowed by `factor`, fast ones left, those between mixed.
    old, low, high = (rope[k] for k in ("original_max_position_embeddings", "low_freq_factor", "high_freq_factor"))
    turns = old * plain / (2 * math.pi)
    mix = np.clip((turns - low) / (high - low), 0, 1)
    return plain * (mix + (1 - mix) / rope["factor"])


def read_shape(path: Path) -> Shape:
    config = json.loads((path / "config.json").read_text())
    if config.get("model_type") not in KINDS:
        raise SystemExit(f"{path}: model_type {config.get('model_type')}: {', '.join(KINDS)} are known")
    heads = config["num_attention_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // heads
    return Shape(
        layers=config["num_hidden_layers"],
        heads=heads,
        kv_heads=config.get("num_key_value_heads") or heads,
        head_dim=head_dim,
        vocabulary=config["vocab_size"],
        positions=config["max_position_embeddings"],
        eps=config["rms_norm_eps"],
        tied=config.get("tie_word_embeddings", False),
        speeds=speeds(config, head_dim),
    )
