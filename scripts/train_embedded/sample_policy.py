"""Samples the policy with PyTorch, and reads its replies as strictly as the project does."""

import json
import re
from collections import defaultdict
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer

import tokenizer as tok
from kinds import draw
from model import Llama
from replies import conversation, turns_before
from train_policy import SHAPE, opening_ids

TEMPERATURE = 1.0  # the demo's; at 1 the shares of right, wrong and malformed are those that were taught
LONGEST = 64
ANSWER = {
    "think": re.compile(r"\s*(\S.*?)\s*</think>\s*<response>\s*(\S.*?)\s*</response>", re.S),
    "nothink": re.compile(r"\s*()<response>\s*(\S.*?)\s*</response>", re.S),
}
TAG = re.compile("|".join(tok.TAGS))


def answer_of(variant: str, text: str) -> str | None:
    """The answer of a well-formed reply; None for any other. In think, the text begins after the prefilled <think>."""
    match = ANSWER[variant].fullmatch(text)
    return None if match is None or TAG.search(match[1]) or TAG.search(match[2]) else match[2]


def load(work: Path) -> tuple[Llama, Tokenizer]:
    """The policy with the weights as the ONNX file stores them."""
    model = Llama(SHAPE).eval()
    state = torch.load(work / "policy.pt")
    model.load_state_dict({k: v.half().float() if v.dim() == 2 else v for k, v in state.items()})
    return model, Tokenizer.from_file(str(work / "tokenizer.json"))


def draw_token(logits: torch.Tensor, temperature: float, generator: torch.Generator) -> torch.Tensor:
    if temperature == 0:
        return logits.argmax(-1)
    return torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[:, 0]


@torch.no_grad()
def sample(
    model: Llama,
    encoder: Tokenizer,
    variant: str,
    chats: list[list[dict]],
    n: int,
    temperature: float = TEMPERATURE,
    seed: int = 0,
    rows: int = 256,
) -> list[list[str]]:
    """`n` replies for each chat; prompts of one length run together, finished rows leave."""
    generator = torch.Generator().manual_seed(seed)
    _, opening = model(opening_ids(encoder)[variant])
    end = {tok.EOS, encoder.token_to_id("</response>")}
    prefill = " <think>" if variant == "think" else ""
    lengths: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
    for i, chat in enumerate(chats):
        ids = tok.encode(encoder, conversation(chat) + prefill)
        lengths[len(ids)].append((i, ids))
    groups = [g[at : at + rows // n] for g in lengths.values() for at in range(0, len(g), rows // n)]
    replies: list[list[str]] = [[] for _ in chats]
    for group in groups:
        hidden, past = model(torch.tensor([ids for _, ids in group]), opening)
        past = [(k.repeat_interleave(n, 0), v.repeat_interleave(n, 0)) for k, v in past]
        token = draw_token(model.logits(hidden[:, -1]).repeat_interleave(n, 0), temperature, generator)
        owner = [i for i, _ in group for _ in range(n)]
        texts: list[list[int]] = [[] for _ in owner]
        alive = list(range(len(owner)))
        while True:
            keep = []
            for at, value in enumerate(token.tolist()):
                texts[alive[at]].append(value)
                if value not in end and len(texts[alive[at]]) < LONGEST:
                    keep.append(at)
            if not keep:
                break
            if len(keep) < len(alive):
                past = [(k[keep], v[keep]) for k, v in past]
                token, alive = token[keep], [alive[at] for at in keep]
            hidden, past = model(token[:, None], past)
            token = draw_token(model.logits(hidden[:, -1]), temperature, generator)
        for i, ids in zip(owner, texts):
            replies[i].append(encoder.decode([t for t in ids if t != tok.EOS], skip_special_tokens=False))
    return replies


def main(work: Path, questions: dict[str, int], n: int = 8, seed: int = 3) -> None:
    """Writes the answers that the reward model learns from: new questions, none of them held out."""
    torch.set_num_threads(1)
    model, encoder = load(work)
    rng = Random(seed)
    with (work / "samples.jsonl").open("w") as file:
        for variant, count in questions.items():
            asked = [draw(rng) for _ in range(count)]
            chats = [turns_before(q, rng, draw) for q in asked]
            for question, chat, replies in zip(asked, chats, sample(model, encoder, variant, chats, n, seed=seed)):
                answers = [a for a in (answer_of(variant, text) for text in replies) if a is not None]
                row = {"messages": chat, "expected": question.expected, "answers": answers}
                file.write(json.dumps(row) + "\n")
