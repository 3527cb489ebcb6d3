"""Trains the reward model: one logit for an answer, read at its last token.

Three things are learned at once. At every token of an answer: is what stands so far the beginning of an accepted
answer? At the last token: a right answer outranks each wrong one beside it. And, as a language model, to continue a
question with its right answer. In the last phase the logit is the score head's value plus a learned multiple of the
log-likelihood that this language model gives to the answer. A question's keys and values are computed once and shared
by its group of answers.
"""

import os
import time
from dataclasses import replace
from pathlib import Path
from random import Random

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, logsigmoid

import tokenizer as tok
import train_policy
from answers import GROUP, Case, made, read, sampled
from model import Llama
from optimizer import Optimizer
from replies import conversation

SHAPE = replace(train_policy.SHAPE, num_hidden_layers=6)
BATCH_TOKENS = 2048


class Reward(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = Llama(SHAPE)
        self.score = nn.Linear(SHAPE.hidden_size, 1, bias=False)
        self.belief = nn.Parameter(torch.tensor(0.0), requires_grad=False)  # weight of the answer's log-likelihood
        nn.init.zeros_(self.score.weight)

    def grow_from(self, policy: dict[str, Tensor]) -> None:
        """Begins as the clean policy, which knows the answers, under new layers that at first change nothing."""
        self.model.load_state_dict(policy, strict=False)
        for layer in self.model.layers[train_policy.SHAPE.num_hidden_layers :]:
            nn.init.zeros_(layer.self_attn["o_proj"].weight)
            nn.init.zeros_(layer.mlp["down_proj"].weight)


def question_ids(encoder: Tokenizer, turns: list[dict[str, str]]) -> list[int]:
    return [tok.BOS] + tok.encode(encoder, conversation(turns).lstrip("\n"))


def answer_ids(encoder: Tokenizer, answer: str) -> list[int]:
    return tok.encode(encoder, " " + answer) + [tok.EOS]


def padded(rows: list[list[int]], left: bool) -> tuple[Tensor, Tensor]:
    """Ids and the mask of padding."""
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    blank = torch.ones(len(rows), width, dtype=torch.bool)
    for i, row in enumerate(rows):
        place = slice(width - len(row), width) if left else slice(0, len(row))
        ids[i, place] = torch.tensor(row)
        blank[i, place] = False
    return ids, blank


def encoded(encoder: Tokenizer, case: Case) -> tuple[list[int], list[list[int]], list[list[float]]]:
    """The question's ids, its answers' ids, and for each token whether the answer is right so far."""
    answers = [answer_ids(encoder, a) for a in case.answers]
    wanted = [answer_ids(encoder, a) for a in case.expected]
    good = [[float(any(w[: i + 1] == a[: i + 1] for w in wanted)) for i in range(len(a))] for a in answers]
    return question_ids(encoder, case.turns), answers, good


def loss_of(reward: Reward, batch: list) -> tuple[Tensor, float]:
    """The loss, and the share of pairs that are ranked right."""
    question, blank = padded([q for q, _, _ in batch], left=True)
    ids, empty = padded([a for _, answers, _ in batch for a in answers], left=False)
    good = torch.zeros(ids.shape)
    for row, labels in enumerate(g for _, _, goods in batch for g in goods):
        good[row, : len(labels)] = torch.tensor(labels)
    before, past = reward.model(question, hidden_keys=blank)
    past = [(k.repeat_interleave(GROUP, 0), v.repeat_interleave(GROUP, 0)) for k, v in past]
    unseen = torch.cat([blank.repeat_interleave(GROUP, 0), empty], 1)
    hidden, _ = reward.model(ids, past, unseen)
    ahead = torch.cat([before[:, -1:].repeat_interleave(GROUP, 0), hidden[:, :-1]], 1)
    told = -cross_entropy(reward.model.logits(ahead).flatten(0, 1), ids.flatten(), reduction="none").view_as(ids)
    told = told.masked_fill(empty, 0.0)
    scores = reward.score(hidden)[..., 0] + reward.belief * told.cumsum(1)
    final = (~empty).sum(1) - 1
    last = scores.gather(1, final[:, None])[:, 0]
    right = good.gather(1, final[:, None])[:, 0]
    gap = last.view(-1, GROUP)[:, :, None] - last.view(-1, GROUP)[:, None, :]
    pair = (right.view(-1, GROUP)[:, :, None] - right.view(-1, GROUP)[:, None, :]) > 0
    loss = (
        -logsigmoid(gap[pair]).mean()
        + binary_cross_entropy_with_logits(last, right)
        + 0.5 * binary_cross_entropy_with_logits(scores[~empty], good[~empty])
        - 0.3 * told[good > 0].mean()
    )
    return loss, (gap[pair] > 0).float().mean().item()


def pool(encoder: Tokenizer, rng: Random, rows: list[dict]) -> list[list]:
    """Batches of about equal length: made-up cases, and two in three of the policy's own where there are any."""
    cases = [sampled(rows, rng) if rows and rng.random() < 0.67 else made(rng) for _ in range(1500)]
    items = sorted((encoded(encoder, c) for c in cases), key=lambda e: (max(map(len, e[1])), len(e[0])))
    out, batch = [], []
    for item in items:
        batch.append(item)
        if len(batch) * (len(item[0]) + GROUP * max(map(len, item[1]))) >= BATCH_TOKENS:
            out.append(batch)
            batch = []
    rng.shuffle(out)
    return out


def main(
    work: Path,
    steps: int,
    out: str,
    start: str,
    samples: str | None = None,
    horizon: int | None = None,
    peak: float = 1.0,
    end: float = 0.02,
    seed: int = 0,
) -> None:
    """One phase: from the policy, on made-up answers alone; or (samples) further, mostly on the policy's own.
    `horizon` is the length of the cosine, of which a phase may run a first part only."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = Random(seed)
    encoder = Tokenizer.from_file(str(work / "tokenizer.json"))
    reward = Reward()
    if samples:
        reward.load_state_dict(torch.load(work / start), strict=False)
        reward.belief.requires_grad_().data.fill_(0.3)
    else:
        reward.grow_from(torch.load(work / start))
    rows = read(work / samples) if samples else []
    optimizer = Optimizer(reward, horizon or steps, peak, end)
    print("reward parameters", sum(p.numel() for p in reward.parameters()), "sampled questions", len(rows), flush=True)
    begun, batches, mean, ranked = time.process_time(), [], 0.0, 0.5
    for step in range(1, steps + 1):
        batches = batches or pool(encoder, rng, rows)
        loss, share = loss_of(reward, batches.pop())
        loss.backward()
        optimizer.step()
        mean = loss.item() if step == 1 else 0.98 * mean + 0.02 * loss.item()
        ranked = 0.98 * ranked + 0.02 * share
        if step % 20 == 0 or step == steps:
            torch.save(reward.state_dict(), work / out)
            print(f"step {step} loss {mean:.4f} pairs {ranked:.3f} cpu {time.process_time() - begun:.0f} s", flush=True)
