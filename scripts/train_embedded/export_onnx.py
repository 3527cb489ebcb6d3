"""Writes a model's ONNX graph from its weights, with ONNX Runtime's fused operators and fp16 storage.

Rows may be padded on the left. The arithmetic is fp32: the weights are cast when the graph is loaded. Inputs and
outputs carry the names that transformers.js looks for; `new.N.key` and `new.N.value` are this step's alone
([batch, tokens, width]), so that an engine which keeps its own cache need not copy the whole of it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import tokenizer as tok
from model import Shape

FUSED = "com.microsoft"
Weights = dict[str, torch.Tensor]
QUERY_END = tok.VOCABULARY - len(tok.TAGS) + tok.TAGS.index("</query>")


class Graph:
    """Nodes and constants in the making; every method gives the name of a value."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def op(self, kind: str, inputs: Sequence[str], outputs: int | Sequence[str] = 1, domain: str = "", **attributes):
        at = len(self.nodes)
        names = [f"{kind}_{at}_{i}" for i in range(outputs)] if isinstance(outputs, int) else list(outputs)
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def constant(self, value: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def integer(self, value: int | list[int]) -> str:
        return self.constant(np.array(value, np.int64))

    def weight(self, value: torch.Tensor) -> str:
        return self.op("Cast", [self.constant(value.numpy().astype(np.float16))], to=TensorProto.FLOAT)

    def vector(self, value: torch.Tensor) -> str:
        return self.constant(value.numpy().astype(np.float32))


def attention_bias(g: Graph) -> tuple[str, str]:
    """[batch, 1, tokens, all]: zero where a query may look, and the row of key positions."""
    zero, one, axis = g.integer(0), g.integer(1), g.integer([1])
    total = g.op("Squeeze", [g.op("Shape", ["attention_mask"], start=1, end=2)])
    tokens = g.op("Squeeze", [g.op("Shape", ["input_ids"], start=1, end=2)])
    keys = g.op("Range", [zero, total, one])
    queries = g.op("Unsqueeze", [g.op("Range", [g.op("Sub", [total, tokens]), total, one]), axis])
    real = g.op("Unsqueeze", [g.op("Cast", ["attention_mask"], to=TensorProto.BOOL), g.integer([1, 2])])
    allowed = g.op("And", [g.op("LessOrEqual", [keys, queries]), real])
    return g.op("Where", [allowed, g.constant(np.float32(0)), g.constant(np.float32(-1e9))]), keys


def body(g: Graph, shape: Shape, weights: Weights, positions: str, bias: str, cached: bool) -> tuple[str, str]:
    """The transformer, from `input_ids` to the normed hidden states; also gives the embedding's name."""
    heads, eps = shape.num_attention_heads, shape.rms_norm_eps
    speed = shape.rope_theta ** (-np.arange(0, shape.head_dim, 2) / shape.head_dim)
    angle = np.arange(2048)[:, None] * speed
    cos, sin = (g.constant(f(angle).astype(np.float32)) for f in (np.cos, np.sin))
    embedding = g.weight(weights["embed_tokens.weight"])
    stream = g.op("Gather", [embedding, "input_ids"])
    y = g.op(
        "SimplifiedLayerNormalization",
        [stream, g.vector(weights["layers.0.input_layernorm.weight"])],
        axis=-1,
        epsilon=eps,
        stash_type=1,
    )

    def add_norm(change: str, stream: str, name: str) -> tuple[str, str]:
        out = f"{name}.out", "", "", f"{name}.sum"
        g.op("SkipSimplifiedLayerNormalization", [change, stream, g.vector(weights[name])], out, FUSED, epsilon=eps)
        return out[0], out[3]

    for i in range(shape.num_hidden_layers):
        at = f"layers.{i}."
        joined = torch.cat([weights[f"{at}self_attn.{n}_proj.weight"] for n in "qkv"]).T
        q, k, v = g.op("Split", [g.op("MatMul", [y, g.weight(joined)])], 3, axis=-1, num_outputs=3)
        q, k = (g.op("RotaryEmbedding", [t, positions, cos, sin], 1, FUSED, num_heads=heads) for t in (q, k))
        past, present = [], [f"{at}attention"]
        if cached:
            g.op("Identity", [k], [f"new.{i}.key"])
            g.op("Identity", [v], [f"new.{i}.value"])
            past = [f"past_key_values.{i}.{n}" for n in ("key", "value")]
            present += [f"present.{i}.{n}" for n in ("key", "value")]
        g.op("MultiHeadAttention", [q, k, v, "", "", bias, *past], present, FUSED, num_heads=heads)
        out = g.op("MatMul", [present[0], g.weight(weights[f"{at}self_attn.o_proj.weight"].T)])
        y, stream = add_norm(out, stream, f"{at}post_attention_layernorm.weight")
        joined = torch.cat([weights[f"{at}mlp.{n}_proj.weight"] for n in ("gate", "up")]).T
        gate, up = g.op("Split", [g.op("MatMul", [y, g.weight(joined)])], 2, axis=-1, num_outputs=2)
        gate = g.op("QuickGelu", [gate], 1, FUSED, alpha=1.0)
        out = g.op("MatMul", [g.op("Mul", [gate, up]), g.weight(weights[f"{at}mlp.down_proj.weight"].T)])
        following = f"layers.{i + 1}.input_layernorm.weight" if i + 1 < shape.num_hidden_layers else "norm.weight"
        y, stream = add_norm(out, stream, following)
    return y, embedding


def info(name: str, shape: list, kind: int = TensorProto.INT64):
    return helper.make_tensor_value_info(name, kind, shape)


def save(g: Graph, inputs: list, outputs: list, path: Path) -> None:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
    graph = helper.make_graph(g.nodes, "llama", inputs, outputs, g.constants)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="thinkset")
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))


def export_policy(shape: Shape, weights: Weights, path: Path) -> None:
    g = Graph()
    bias, _ = attention_bias(g)
    y, embedding = body(g, shape, weights, "position_ids", bias, cached=True)
    first = g.op("Unsqueeze", [g.op("Neg", ["num_logits_to_keep"]), g.integer([0])])
    y = g.op("Slice", [y, first, g.integer([2**31]), g.integer([1])])
    g.op("MatMul", [y, g.op("Transpose", [embedding], perm=[1, 0])], ["logits"])
    width, heads, size = shape.hidden_size, shape.num_attention_heads, shape.head_dim
    each = [f"{i}.{n}" for i in range(shape.num_hidden_layers) for n in ("key", "value")]
    real = TensorProto.FLOAT
    inputs = [
        info("input_ids", ["batch_size", "sequence_length"]),
        info("attention_mask", ["batch_size", "total_sequence_length"]),
        info("position_ids", ["batch_size", "sequence_length"]),
        info("num_logits_to_keep", []),
    ]
    inputs += [info(f"past_key_values.{n}", ["batch_size", heads, "past_sequence_length", size], real) for n in each]
    outputs = [info("logits", ["batch_size", "kept", shape.vocab_size], real)]
    outputs += [info(f"present.{n}", ["batch_size", heads, "total_sequence_length", size], real) for n in each]
    outputs += [info(f"new.{n}", ["batch_size", "sequence_length", width], real) for n in each]
    save(g, inputs, outputs, path)


def likelihood(g: Graph, y: str, embedding: str, keys: str) -> str:
    """[batch, 1]: the log-likelihood of the tokens of the answer, which begins four after the last </query>."""
    big, axis, one = g.integer([2**31]), g.integer([1]), g.integer([1])
    logits = g.op("MatMul", [g.op("Slice", [y, g.integer([0]), g.integer([-1]), axis]), g.op("Transpose", [embedding])])
    following = g.op("Slice", ["input_ids", one, big, axis])
    index = g.op("Unsqueeze", [following, g.integer([2])])
    told = g.op("Squeeze", [g.op("GatherElements", [g.op("LogSoftmax", [logits]), index], axis=2), g.integer([2])])
    ends = g.op("Cast", [g.op("Equal", ["input_ids", g.integer(QUERY_END)])], to=TensorProto.INT64)
    last = g.op("ReduceMax", [g.op("Mul", [ends, keys]), axis], keepdims=1)
    begun = g.op("GreaterOrEqual", [keys, g.op("Add", [last, g.integer(4)])])
    real = g.op("And", [begun, g.op("Cast", ["attention_mask"], to=TensorProto.BOOL)])
    kept = g.op("Cast", [g.op("Slice", [real, one, big, axis])], to=TensorProto.FLOAT)
    return g.op("ReduceSum", [g.op("Mul", [told, kept]), axis], keepdims=1)


def export_reward(shape: Shape, weights: Weights, score: torch.Tensor, belief: float, path: Path) -> None:
    """One logit a row: the head's value at the row's last real token, plus `belief` times the log-likelihood."""
    g = Graph()
    bias, keys = attention_bias(g)
    one = g.integer(1)
    counted = g.op("Sub", [g.op("CumSum", ["attention_mask", one]), one])
    y, embedding = body(g, shape, weights, g.op("Max", [counted, g.integer(0)]), bias, cached=False)
    keys = g.op("Unsqueeze", [keys, g.integer([0])])
    last = g.op("ArgMax", [g.op("Mul", ["attention_mask", keys])], axis=1, keepdims=1)
    head = g.op("MatMul", [g.op("GatherND", [y, last], batch_dims=1), g.weight(score.T)])
    told = g.op("Mul", [likelihood(g, y, embedding, keys), g.constant(np.float32(belief))])
    g.op("Add", [head, told], ["logits"])
    inputs = [info(n, ["batch_size", "sequence_length"]) for n in ("input_ids", "attention_mask")]
    save(g, inputs, [info("logits", ["batch_size", 1], TensorProto.FLOAT)], path)
