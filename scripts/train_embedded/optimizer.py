"""Muon for the hidden matrices and AdamW for the rest. In trials plain AdamW never learned to copy at this size."""

import math

import torch
from torch import Tensor, nn


def orthogonal(x: Tensor) -> Tensor:
    """Five Newton-Schulz steps towards the nearest orthogonal matrix, for a stack of matrices."""
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal; matrices of one shape go through together."""

    def __init__(self, params: list[nn.Parameter], lr: float, momentum: float = 0.95, decay: float = 0.1):
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            shapes: dict[tuple[int, ...], list[nn.Parameter]] = {}
            for p in group["params"]:
                shapes.setdefault(tuple(p.shape), []).append(p)
            for (rows, columns), params in shapes.items():
                pushes = []
                for p in params:
                    buffer = self.state[p].setdefault("buffer", torch.zeros_like(p))
                    buffer.lerp_(p.grad, 1 - group["momentum"])
                    pushes.append(p.grad.lerp(buffer, group["momentum"]))
                scale = group["lr"] * max(1.0, rows / columns) ** 0.5
                for p, push in zip(params, orthogonal(torch.stack(pushes))):
                    p.mul_(1 - group["lr"] * group["decay"]).add_(push, alpha=-scale)


class Optimizer:
    """Both optimizers under one warm-up and half a cosine, from `peak` to `end`, over a fixed number of steps."""

    def __init__(
        self,
        model: nn.Module,
        steps: int,
        peak: float = 1.0,
        end: float = 0.02,
        lr: float = 3e-3,
        muon_lr: float = 0.02,
    ):
        self.peak, self.end = peak, end
        named = list(model.named_parameters())
        matrices = [p for n, p in named if p.dim() == 2 and "layers." in n]
        others = [p for n, p in named if not (p.dim() == 2 and "layers." in n)]
        self.params, self.steps, self.at = matrices + others, steps, 0
        self.parts = [
            (Muon(matrices, muon_lr), muon_lr),
            (torch.optim.AdamW(others, lr=lr, betas=(0.9, 0.98), weight_decay=0.0), lr),
        ]

    def step(self) -> None:
        fall = 0.5 * (1 + math.cos(math.pi * self.at / self.steps))
        factor = min(1.0, (self.at + 1) / 150) * (self.end + (self.peak - self.end) * fall)
        torch.nn.utils.clip_grad_norm_(self.params, 1.0)
        for optimizer, lr in self.parts:
            for group in optimizer.param_groups:
                group["lr"] = lr * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.at += 1
