"""The graph that thinkset samples from: rows of many prompts, a token each, over what they have in common.

A row's keys and values stand in three places, and none of them is copied by a step: those of its prompt, which all
replies to the prompt look at together (`prefix`); those of its own reply so far (`own`); and its newest token's, which
the step gives back (`new`) and the caller files. Keys are stored turned, [heads, head_dim, length]. A prompt is read
by the same graph, as one row of many tokens without anything of its own.

Every row's sums are added in one order, whatever rows stand beside it, as long as prefixes are padded to multiples of
64 and every prompt is looked at by two rows or more; what is padded is hidden by `bias`. `coldness` is 1 / temperature,
which the logits are multiplied by.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto

from graph import FUSED, Graph, info, save
from source import Shape, Weights


class Attention:
    """What the layers' attention has in common: shapes, computed once a run."""

    def __init__(self, g: Graph, shape: Shape):
        self.g, self.shape = g, shape
        each, heads, size = shape.heads // shape.kv_heads, shape.kv_heads, shape.head_dim
        # Rotating by scaled tables scales queries and keys, so that their product needs no scaling.
        angle, scale = np.arange(shape.positions)[:, None] * shape.speeds, g.vector(np.array(size**-0.25))
        self.tables = [g.op("Mul", [g.vector(f(angle)), scale]) for f in (np.cos, np.sin)]
        one = lambda name, axis: g.op("Shape", [name], start=axis, end=axis + 1)
        rows, width, prompts = one("input_ids", 0), one("input_ids", 1), one("prefix.0.key", 0)
        a_prompt = g.op("Div", [one("slots", 0), prompts])
        kv, group, dim, rest = (g.integers([n]) for n in (heads, each, size, -1))
        queries = g.op("Mul", [width, group])
        joined = lambda *parts: g.op("Concat", list(parts), axis=0)
        self.split = joined(rows, width, kv, group, dim)
        self.keys = joined(rows, width, kv, dim)
        self.by_row = joined(rows, kv, queries, rest)
        self.by_token = joined(rows, kv, width, group, rest)
        self.grouped = joined(prompts, a_prompt, kv, queries, rest)
        self.by_prompt = joined(prompts, kv, g.op("Mul", [a_prompt, queries]), rest)
        self.ungrouped = joined(prompts, kv, a_prompt, queries, rest)
        places = one("slots", 0)
        prefix = one("prefix.0.value", 2)
        self.placed = joined(places, kv, queries, prefix)
        self.placed_values = joined(places, kv, queries, dim)
        self.out = joined(rows, width, g.integers([heads * each * size]))
        self.parts = joined(prefix, one("own.0.value", 2), width)

    def reshape(self, value: str, shape: str) -> str:
        return self.g.op("Reshape", [value, shape])

    def turn(self, value: str) -> str:
        return self.g.op("Transpose", [value], perm=[0, 2, 1, 3, 4])

    def gather(self, value: str) -> str:
        """[rows, heads, queries, n] as [prompts, heads, queries of all its rows, n]."""
        placed = self.g.op("Gather", [value, "slots"], axis=0)
        return self.reshape(self.turn(self.reshape(placed, self.grouped)), self.by_prompt)

    def scatter(self, value: str, shape: str) -> str:
        """The way back."""
        placed = self.reshape(self.turn(self.reshape(value, self.ungrouped)), shape)
        return self.g.op("Gather", [placed, "places"], axis=0)

    def normed(self, value: str, weight: np.ndarray, heads: int) -> str:
        """Each head's numbers normed by themselves (Qwen3)."""
        size, eps = self.shape.head_dim, self.shape.eps
        apart = self.reshape(value, self.g.integers([0, 0, heads, size]))
        apart = self.g.op(
            "SimplifiedLayerNormalization", [apart, self.g.vector(weight)], axis=-1, epsilon=eps, stash_type=1
        )
        return self.reshape(apart, self.g.integers([0, 0, heads * size]))

    def layer(self, i: int, y: str, weights: Weights) -> str:
        g, shape, at = self.g, self.shape, f"layers.{i}.self_attn."
        heads, kv, size = shape.heads, shape.kv_heads, shape.head_dim
        qkv = g.linear(y, np.concatenate([weights[f"{at}{n}_proj.weight"] for n in "qkv"]))
        if f"{at}q_proj.bias" in weights:
            qkv = g.op("Add", [qkv, g.vector(np.concatenate([weights[f"{at}{n}_proj.bias"] for n in "qkv"]))])
        both, value = f"layers.{i}.qk", f"new.{i}.value"
        g.op("Split", [qkv, g.integers([(heads + kv) * size, kv * size])], [both, value], axis=-1)
        if f"{at}q_norm.weight" in weights:
            q, k = g.op("Split", [both, g.integers([heads * size, kv * size])], 2, axis=-1)
            q, k = self.normed(q, weights[f"{at}q_norm.weight"], heads), self.normed(k, weights[f"{at}k_norm.weight"], kv)
            both = g.op("Concat", [q, k], axis=-1)
        turned = g.op("RotaryEmbedding", [both, "position_ids", *self.tables], 1, FUSED, num_heads=heads + kv)
        q, key = f"layers.{i}.q", f"new.{i}.key"
        g.op("Split", [turned, g.integers([heads * size, kv * size])], [q, key], axis=-1)

        q = self.reshape(self.turn(self.reshape(q, self.split)), self.by_row)
        key = g.op("Transpose", [self.reshape(key, self.keys)], perm=[0, 2, 3, 1])
        value = g.op("Transpose", [self.reshape(value, self.keys)], perm=[0, 2, 1, 3])
        shared = self.scatter(g.op("MatMul", [self.gather(q), f"prefix.{i}.key"]), self.placed)
        own, new = (g.op("MatMul", [q, k]) for k in (f"own.{i}.key", key))
        scores = self.reshape(g.op("Concat", [shared, own, new], axis=-1), self.by_token)
        weight = g.op("Softmax", [g.op("Add", [scores, "bias"])], axis=-1)
        shared, own, new = g.op("Split", [self.reshape(weight, self.by_row), self.parts], 3, axis=-1)
        shared = self.scatter(g.op("MatMul", [self.gather(shared), f"prefix.{i}.value"]), self.placed_values)
        own, new = (g.op("MatMul", [w, v]) for w, v in ((own, f"own.{i}.value"), (new, value)))
        seen = self.reshape(g.op("Sum", [shared, own, new]), self.by_token)
        return g.linear(self.reshape(self.turn(seen), self.out), weights[f"{at}o_proj.weight"])


def export_steps(shape: Shape, weights: Weights, path: Path, store: str, weights_in: Path | None = None) -> None:
    g = Graph(store)
    attention = Attention(g, shape)
    embedding = weights["embed_tokens.weight"]
    table = g.table(embedding)
    stream = g.op("Gather", [table, "input_ids"])
    y = g.op(
        "SimplifiedLayerNormalization",
        [stream, g.vector(weights["layers.0.input_layernorm.weight"])],
        axis=-1,
        epsilon=shape.eps,
        stash_type=1,
    )

    def add_norm(change: str, stream: str, name: str) -> tuple[str, str]:
        out = f"{name}.out", "", "", f"{name}.sum"
        inputs = [change, stream, g.vector(weights[name])]
        g.op("SkipSimplifiedLayerNormalization", inputs, out, FUSED, epsilon=shape.eps)
        return out[0], out[3]

    for i in range(shape.layers):
        mlp = f"layers.{i}.mlp."
        y, stream = add_norm(attention.layer(i, y, weights), stream, f"layers.{i}.post_attention_layernorm.weight")
        joined = g.linear(y, np.concatenate([weights[f"{mlp}{n}_proj.weight"] for n in ("gate", "up")]))
        gate, up = g.op("Split", [joined], 2, axis=-1, num_outputs=2)
        inner = g.op("Mul", [g.op("QuickGelu", [gate], 1, FUSED, alpha=1.0), up])
        last = i + 1 == shape.layers
        following = "norm.weight" if last else f"layers.{i + 1}.input_layernorm.weight"
        y, stream = add_norm(g.linear(inner, weights[f"{mlp}down_proj.weight"]), stream, following)
    # Of a prompt, the last token's logits alone are of use. Cooling a row here spares a pass over all its logits.
    y = g.op("Mul", [g.op("Gather", [y, g.integers(-1)], axis=1), "coldness"])
    if shape.tied and store != "int8":
        logits = g.op("MatMul", [y, g.op("Transpose", [table], perm=[1, 0])], ["logits"])
    else:
        logits = g.linear(y, embedding if shape.tied else weights["lm_head.weight"])
        g.op("Identity", [logits], ["logits"])
    # What each token weighs: exponentials are cheap here, and few need the logits.
    g.op("Softmax", ["logits"], ["weights"], axis=-1)

    kv, size, real = shape.kv_heads, shape.head_dim, TensorProto.FLOAT
    inputs = [
        info("input_ids", ["rows", "width"]),
        info("position_ids", ["rows", "width"]),
        info("bias", ["rows", 1, "width", 1, "all"], real),
        info("slots", ["slots"]),
        info("places", ["rows"]),
        info("coldness", ["rows", 1], real),
    ]
    for owner, rows in (("prefix", "prompts"), ("own", "rows")):
        for i in range(shape.layers):
            inputs.append(info(f"{owner}.{i}.key", [rows, kv, size, f"{owner}_length"], real))
            inputs.append(info(f"{owner}.{i}.value", [rows, kv, f"{owner}_length", size], real))
    outputs = [info(name, ["rows", shape.vocabulary], real) for name in ("logits", "weights")]
    for i in range(shape.layers):
        outputs += [info(f"new.{i}.{n}", ["rows", "width", kv * size], real) for n in ("key", "value")]
    save(g, "steps", inputs, outputs, path, weights_in)
