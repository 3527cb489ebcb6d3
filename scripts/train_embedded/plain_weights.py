"""The policy's weights as safetensors, taken out of its ONNX graph: what trainers load.

    python scripts/train_embedded/plain_weights.py lib/embedded/policy

Matrices are fp16, as in the graph, and norms fp32, so that nothing is rounded again.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from safetensors.numpy import save_file

NAMES = ("input_layernorm", "qkv", "self_attn.o_proj", "post_attention_layernorm", "gate_up", "mlp.down_proj")


def weights_of(graph: Path, config: dict) -> dict[str, np.ndarray]:
    """The tensors by their names in transformers; `export_onnx.body` wrote them in this order."""
    shape = (config["vocab_size"], config["hidden_size"])
    constants = [numpy_helper.to_array(t) for t in onnx.load(graph).graph.initializer if t.data_type != TensorProto.INT64]
    start = next(i for i, constant in enumerate(constants) if constant.shape == shape)
    tensors = iter(constants[start:])
    found = {"model.embed_tokens.weight": next(tensors)}
    for layer in range(config["num_hidden_layers"]):
        for name in NAMES:
            at, tensor = f"model.layers.{layer}.", next(tensors)
            if name == "qkv":
                parts = zip(("q", "k", "v"), np.split(tensor, 3, axis=1))
                found |= {f"{at}self_attn.{part}_proj.weight": matrix.T for part, matrix in parts}
            elif name == "gate_up":
                parts = zip(("gate", "up"), np.split(tensor, 2, axis=1))
                found |= {f"{at}mlp.{part}_proj.weight": matrix.T for part, matrix in parts}
            else:
                found[f"{at}{name}.weight"] = tensor.T
    found["model.norm.weight"] = next(tensors)
    return {name: np.ascontiguousarray(tensor) for name, tensor in found.items()}


def write(policy: Path) -> None:
    config = json.loads((policy / "config.json").read_text())
    tensors = weights_of(policy / "onnx" / "model.onnx", config)
    out = policy / "model.safetensors"
    save_file(tensors, out, {"format": "pt"})
    out.chmod(0o644)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
