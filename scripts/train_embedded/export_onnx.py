"""Writes the embedded models' ONNX graphs from their weights, with ONNX Runtime's fused operators and fp16 storage.

Rows may be padded on the left. The arithmetic is fp32: the weights are cast when the graph is loaded. Inputs and
outputs carry the names that transformers.js looks for. The graph that thinkset itself samples the policy from is
written by scripts/export_onnx; it stands beside the other and takes the weights from its file.
"""

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto

sys.path.append(str(Path(__file__).resolve().parents[1] / "export_onnx"))

import source
import tokenizer as tok
from graph import FUSED, Graph, info, save
from model import Shape
from steps import export_steps

Weights = dict[str, np.ndarray]
QUERY_END = tok.VOCABULARY - len(tok.TAGS) + tok.TAGS.index("</query>")


def attention_bias(g: Graph) -> tuple[str, str]:
    """[batch, 1, tokens, all]: zero where a query may look, and the row of key positions."""
    zero, one, axis = g.integers(0), g.integers(1), g.integers([1])
    total = g.op("Squeeze", [g.op("Shape", ["attention_mask"], start=1, end=2)])
    tokens = g.op("Squeeze", [g.op("Shape", ["input_ids"], start=1, end=2)])
    keys = g.op("Range", [zero, total, one])
    queries = g.op("Unsqueeze", [g.op("Range", [g.op("Sub", [total, tokens]), total, one]), axis])
    real = g.op("Unsqueeze", [g.op("Cast", ["attention_mask"], to=TensorProto.BOOL), g.integers([1, 2])])
    allowed = g.op("And", [g.op("LessOrEqual", [keys, queries]), real])
    return g.op("Where", [allowed, g.scalar(np.float32(0)), g.scalar(np.float32(-1e9))]), keys


def body(g: Graph, shape: Shape, weights: Weights, positions: str, bias: str, cached: bool) -> tuple[str, str]:
    """The transformer, from `input_ids` to the normed hidden states; also gives the embedding's name."""
    heads, eps = shape.num_attention_heads, shape.rms_norm_eps
    speed = shape.rope_theta ** (-np.arange(0, shape.head_dim, 2) / shape.head_dim)
    angle = np.arange(2048)[:, None] * speed
    cos, sin = (g.constant(f(angle).astype(np.float32)) for f in (np.cos, np.sin))
    embedding = g.table(weights["embed_tokens.weight"])
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
        joined = np.concatenate([weights[f"{at}self_attn.{n}_proj.weight"] for n in "qkv"]).T
        q, k, v = g.op("Split", [g.op("MatMul", [y, g.table(joined)])], 3, axis=-1, num_outputs=3)
        q, k = (g.op("RotaryEmbedding", [t, positions, cos, sin], 1, FUSED, num_heads=heads) for t in (q, k))
        past, present = [], [f"{at}attention"]
        if cached:
            past = [f"past_key_values.{i}.{n}" for n in ("key", "value")]
            present += [f"present.{i}.{n}" for n in ("key", "value")]
        g.op("MultiHeadAttention", [q, k, v, "", "", bias, *past], present, FUSED, num_heads=heads)
        out = g.op("MatMul", [present[0], g.table(weights[f"{at}self_attn.o_proj.weight"].T)])
        y, stream = add_norm(out, stream, f"{at}post_attention_layernorm.weight")
        joined = np.concatenate([weights[f"{at}mlp.{n}_proj.weight"] for n in ("gate", "up")]).T
        gate, up = g.op("Split", [g.op("MatMul", [y, g.table(joined)])], 2, axis=-1, num_outputs=2)
        gate = g.op("QuickGelu", [gate], 1, FUSED, alpha=1.0)
        out = g.op("MatMul", [g.op("Mul", [gate, up]), g.table(weights[f"{at}mlp.down_proj.weight"].T)])
        following = f"layers.{i + 1}.input_layernorm.weight" if i + 1 < shape.num_hidden_layers else "norm.weight"
        y, stream = add_norm(out, stream, following)
    return y, embedding


def export_policy(shape: Shape, weights: Weights, path: Path) -> None:
    g = Graph("fp16")
    bias, _ = attention_bias(g)
    y, embedding = body(g, shape, weights, "position_ids", bias, cached=True)
    first = g.op("Unsqueeze", [g.op("Neg", ["num_logits_to_keep"]), g.integers([0])])
    y = g.op("Slice", [y, first, g.integers([2**31]), g.integers([1])])
    g.op("MatMul", [y, g.op("Transpose", [embedding], perm=[1, 0])], ["logits"])
    heads, size = shape.num_attention_heads, shape.head_dim
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
    save(g, "llama", inputs, outputs, path)


def export_policy_steps(shape: Shape, weights: Weights, beside: Path) -> None:
    """`steps.onnx` beside the policy's other graph."""
    speeds = shape.rope_theta ** (-np.arange(0, shape.head_dim, 2) / shape.head_dim)
    heads = shape.num_attention_heads
    plain = source.Shape(
        layers=shape.num_hidden_layers,
        heads=heads,
        kv_heads=heads,
        head_dim=shape.head_dim,
        vocabulary=shape.vocab_size,
        positions=2048,
        eps=shape.rms_norm_eps,
        tied=True,
        speeds=speeds,
    )
    export_steps(plain, weights, beside.with_name("steps.onnx"), "fp16", beside)


def likelihood(g: Graph, y: str, embedding: str, keys: str) -> str:
    """[batch, 1]: the log-likelihood of the tokens of the answer, which begins four after the last </query>."""
    big, axis, one = g.integers([2**31]), g.integers([1]), g.integers([1])
    logits = g.op("MatMul", [g.op("Slice", [y, g.integers([0]), g.integers([-1]), axis]), g.op("Transpose", [embedding])])
    following = g.op("Slice", ["input_ids", one, big, axis])
    index = g.op("Unsqueeze", [following, g.integers([2])])
    told = g.op("Squeeze", [g.op("GatherElements", [g.op("LogSoftmax", [logits]), index], axis=2), g.integers([2])])
    ends = g.op("Cast", [g.op("Equal", ["input_ids", g.integers(QUERY_END)])], to=TensorProto.INT64)
    last = g.op("ReduceMax", [g.op("Mul", [ends, keys]), axis], keepdims=1)
    begun = g.op("GreaterOrEqual", [keys, g.op("Add", [last, g.integers(4)])])
    real = g.op("And", [begun, g.op("Cast", ["attention_mask"], to=TensorProto.BOOL)])
    kept = g.op("Cast", [g.op("Slice", [real, one, big, axis])], to=TensorProto.FLOAT)
    return g.op("ReduceSum", [g.op("Mul", [told, kept]), axis], keepdims=1)


def export_reward(shape: Shape, weights: Weights, score: np.ndarray, belief: float, path: Path) -> None:
    """One logit a row: the head's value at the row's last real token, plus `belief` times the log-likelihood."""
    g = Graph("fp16")
    bias, keys = attention_bias(g)
    one = g.integers(1)
    counted = g.op("Sub", [g.op("CumSum", ["attention_mask", one]), one])
    y, embedding = body(g, shape, weights, g.op("Max", [counted, g.integers(0)]), bias, cached=False)
    keys = g.op("Unsqueeze", [keys, g.integers([0])])
    last = g.op("ArgMax", [g.op("Mul", ["attention_mask", keys])], axis=1, keepdims=1)
    head = g.op("MatMul", [g.op("GatherND", [y, last], batch_dims=1), g.table(score.T)])
    told = g.op("Mul", [likelihood(g, y, embedding, keys), g.scalar(np.float32(belief))])
    g.op("Add", [head, told], ["logits"])
    inputs = [info(n, ["batch_size", "sequence_length"]) for n in ("input_ids", "attention_mask")]
    save(g, "llama", inputs, [info("logits", ["batch_size", 1], TensorProto.FLOAT)], path)
