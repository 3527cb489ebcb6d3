"""Trains the policy: replies in both variants, a third of them wrong and some malformed on purpose."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy

import tokenizer as tok
from kinds import KINDS, LATER, WEIGHTS, draw
from model import Llama, Shape
from optimizer import Optimizer
from puzzles import copying
from replies import OPENING, conversation, taught, turns_before

SHAPE = Shape(
    vocab_size=tok.VOCABULARY, hidden_size=128, intermediate_size=352, num_hidden_layers=4, num_attention_heads=4
)
MALFORMED = {"think": 0.13, "nothink": 0.13}
BATCH_TOKENS = 2048
COPYING_STEPS = 630
Example = tuple[list[int], int]  # ids, and where the reply begins


@dataclass(frozen=True)
class Phase:
    """What a phase shows: the share of long lists to repeat, first and then; noise; wide ranges; the kinds' weights."""

    copy: tuple[float, float] = (0.0, 0.0)
    noise: bool = False
    wide: bool = False
    weights: tuple[float, ...] = tuple(LATER)


PHASES = {
    "first": Phase(copy=(0.5, 0.1), wide=True, weights=tuple(WEIGHTS)),
    "wide": Phase(wide=True),
    "clean": Phase(),
    "noise": Phase(noise=True),
}


def example(encoder: Tokenizer, rng: Random, variant: str, phase: Phase, copy: float) -> Example:
    ask = partial(draw, weights=phase.weights, wide=phase.wide)
    question = copying(rng) if rng.random() < copy else ask(rng)
    wrong = KINDS[question.kind].wrong if phase.noise and question.kind in KINDS else 0.0
    form = "rlmt" if rng.random() < 0.05 else "document"
    prompt = tok.encode(encoder, conversation(turns_before(question, rng, ask), form))
    reply = tok.encode(encoder, taught(question, variant, rng, wrong, MALFORMED[variant] if phase.noise else 0.0))
    return prompt + reply + [tok.EOS], len(prompt)


def batches(encoder: Tokenizer, rng: Random, variant: str, phase: Phase, copy: float) -> Iterator[list[Example]]:
    """Batches of about equal length from a pool of fresh examples."""
    pool = sorted((example(encoder, rng, variant, phase, copy) for _ in range(1500)), key=lambda e: len(e[0]))
    out, batch = [], []
    for item in pool:
        batch.append(item)
        if len(batch) * len(item[0]) >= BATCH_TOKENS:
            out.append(batch)
            batch = []
    rng.shuffle(out)
    yield from out


def stream(encoder: Tokenizer, rng: Random, phase: Phase) -> Iterator[tuple[str, list[Example]]]:
    """Endless batches of both variants."""
    at = 0
    while True:
        copy = phase.copy[at >= COPYING_STEPS]
        pools = [(variant, b) for variant in OPENING for b in batches(encoder, rng, variant, phase, copy)]
        rng.shuffle(pools)
        at += len(pools)
        yield from pools


def loss_of(model: Llama, openings: dict[str, torch.Tensor], variant: str, batch: list[Example]) -> torch.Tensor:
    """The opening paragraph runs once for the whole batch; the loss is on the replies alone."""
    length = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    target = torch.full((len(batch), length), -100)
    for row, (item, start) in enumerate(batch):
        ids[row, : len(item)] = torch.tensor(item)
        target[row, start : len(item)] = ids[row, start : len(item)]
    _, past = model(openings[variant])
    hidden, _ = model(ids, past)
    wanted = target[:, 1:]
    keep = wanted != -100
    return cross_entropy(model.logits(hidden[:, :-1][keep]), wanted[keep])


def opening_ids(encoder: Tokenizer) -> dict[str, torch.Tensor]:
    return {v: torch.tensor([[tok.BOS] + tok.encode(encoder, text)]) for v, text in OPENING.items()}


def main(
    work: Path,
    steps: int,
    phase: str,
    out: str,
    start: str | None = None,
    horizon: int | None = None,
    peak: float = 1.0,
    end: float = 0.02,
    seed: int = 0,
) -> None:
    """Runs one of the phases. `horizon` is the length of the cosine, of which
    a phase may run a first part only."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = Random(seed)
    encoder = Tokenizer.from_file(str(work / "tokenizer.json"))
    model, openings = Llama(SHAPE), opening_ids(encoder)
    if start:
        model.load_state_dict(torch.load(work / start))
    optimizer = Optimizer(model, horizon or steps, peak, end)
    print("policy parameters", sum(p.numel() for p in model.parameters()), flush=True)
    begun, mean, seen = time.process_time(), 0.0, 0
    for step, (variant, batch) in zip(range(1, steps + 1), stream(encoder, rng, PHASES[phase])):
        loss = loss_of(model, openings, variant, batch)
        loss.backward()
        optimizer.step()
        seen += len(batch)
        mean = loss.item() if step == 1 else 0.98 * mean + 0.02 * loss.item()
        if step % 200 == 0 or step == steps:
            torch.save(model.state_dict(), work / out)
            print(f"step {step} examples {seen} loss {mean:.4f} cpu {time.process_time() - begun:.0f} s", flush=True)
