"""A small Llama in plain PyTorch, with Hugging Face's weight names, and keys and values that several rows can share."""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention, silu

Cache = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Shape:
    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    rms_norm_eps: float = 1e-5
    rope_theta: float = 10_000.0

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads

    def config(self) -> dict[str, object]:
        """The part of config.json that describes the weights."""
        return asdict(self) | {
            "model_type": "llama",
            "head_dim": self.head_dim,
            "num_key_value_heads": self.num_attention_heads,
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            "tie_word_embeddings": True,
            "max_position_embeddings": 2048,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 0,
        }


def angles(shape: Shape, start: int, tokens: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of the rotary positions start, start + 1, …, for the two halves of a head alike."""
    speed = shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2, dtype=torch.float32) / shape.head_dim)
    angle = torch.arange(start, start + tokens, dtype=torch.float32)[:, None] * speed
    return angle.cos().repeat(1, 2), torch.cat([-angle.sin(), angle.sin()], 1)


def rotate(x: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    return x * turn[0] + x.roll(x.shape[-1] // 2, -1) * turn[1]


class Block(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape, width, inner = shape, shape.hidden_size, shape.intermediate_size
        self.input_layernorm = nn.RMSNorm(width, shape.rms_norm_eps)
        self.post_attention_layernorm = nn.RMSNorm(width, shape.rms_norm_eps)
        self.self_attn = nn.ModuleDict({f"{k}_proj": nn.Linear(width, width, bias=False) for k in "qkvo"})
        self.mlp = nn.ModuleDict(
            {
                "gate_proj": nn.Linear(width, inner, bias=False),
                "up_proj": nn.Linear(width, inner, bias=False),
                "down_proj": nn.Linear(inner, width, bias=False),
            }
        )

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], past: tuple[Tensor, Tensor] | None, mask: Tensor | None):
        rows, tokens, width = x.shape
        y = self.input_layernorm(x)
        q, k, v = (
            self.self_attn[f"{n}_proj"](y).view(rows, tokens, -1, self.shape.head_dim).transpose(1, 2) for n in "qkv"
        )
        q, k = rotate(q, turn), rotate(k, turn)
        if past:
            k, v = (torch.cat([p.expand(rows, -1, -1, -1), t], 2) for p, t in zip(past, (k, v)))
        y = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + self.self_attn["o_proj"](y.transpose(1, 2).reshape(rows, tokens, width))
        y = self.post_attention_layernorm(x)
        return x + self.mlp["down_proj"](silu(self.mlp["gate_proj"](y)) * self.mlp["up_proj"](y)), (k, v)


class Llama(nn.Module):
    """`forward` gives the last hidden states and the cache; `past` of one row serves every row."""

    def __init__(self, shape: Shape, spread: float = 0.06):
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.num_hidden_layers))
        self.norm = nn.RMSNorm(shape.hidden_size, shape.rms_norm_eps)
        for weight in self.parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=spread)

    def forward(self, ids: Tensor, past: Cache | None = None, hidden_keys: Tensor | None = None):
        """`hidden_keys` [rows, past + tokens] is true where a key is padding and must not be seen."""
        tokens = ids.shape[1]
        start = past[0][0].shape[2] if past else 0
        mask = None
        if past or hidden_keys is not None:
            mask = torch.ones(tokens, start + tokens, dtype=torch.bool).tril(start)
            if hidden_keys is not None:
                own = torch.eye(tokens, start + tokens, dtype=torch.bool).roll(
                    start, 1
                )  # padding sees itself: no empty row
                mask = mask & (own | ~hidden_keys[:, None, None, :])
        x, cache, turn = self.embed_tokens(ids), [], angles(self.shape, start, tokens)
        for i, layer in enumerate(self.layers):
            x, kept = layer(x, turn, past[i] if past else None, mask)
            cache.append(kept)
        return self.norm(x), cache

    def logits(self, hidden: Tensor) -> Tensor:
        return linear(hidden, self.embed_tokens.weight)
