"""The embedded prompts: held-out questions of every kind, some with a system message or an earlier turn; and prompts
to train on, none of which asks what a held-out one asks.

    python scripts/train_embedded/prompts.py lib/embedded
"""

import json
import sys
from itertools import chain
from pathlib import Path
from random import Random

from kinds import KINDS, draw, every
from replies import SYSTEM

EACH, CHATS = 16, 6
TRAIN_EACH = 45


def rows(seed: int = 7):
    rng, used = Random(seed), set()
    for kind in KINDS:
        for i, question in zip(range(EACH), every(kind)):
            used.add(question.query)
            messages = [{"role": "user", "content": question.query}]
            yield {
                "id": f"{kind}-{i + 1:02}",
                "source": f"embedded/{kind}",
                "messages": messages,
                "expected": question.expected,
            }
    for i in range(2 * CHATS):
        earlier = draw(rng)
        question = next(q for q in iter(lambda: draw(rng, out=True), None) if q.query not in used)
        used.add(question.query)
        messages = [{"role": "user", "content": question.query}]
        if i < CHATS:
            name, messages = "system", [{"role": "system", "content": rng.choice(SYSTEM)}] + messages
        else:
            said = earlier.answer(earlier.right, rng)
            name, messages = (
                "turns",
                [{"role": "user", "content": earlier.query}, {"role": "assistant", "content": said}] + messages,
            )
        yield {
            "id": f"{name}-{i % CHATS + 1:02}",
            "source": f"embedded/{name}",
            "messages": messages,
            "expected": question.expected,
        }


def train_rows(prompts: list[dict]):
    """Per kind first the questions that the policy was not trained on, then others: small tables are used up."""
    used = {message["content"] for prompt in prompts for message in prompt["messages"]}
    for kind in KINDS:
        rng, asked = Random(f"train {kind}"), 0
        unseen = (question for question in every(kind) if question.query not in used)
        for question in chain(unseen, (KINDS[kind].make(rng, False) for _ in range(20_000))):
            if question.query in used:
                continue
            used.add(question.query)
            asked += 1
            yield {
                "id": f"train-{kind}-{asked:02}",
                "source": f"embedded/{kind}",
                "messages": [{"role": "user", "content": question.query}],
                "expected": question.expected,
            }
            if asked == TRAIN_EACH:
                break


def write(path: Path, rows) -> list[dict]:
    # Kinds take turns, so that the first N prompts (--limit N) are of all kinds.
    prompts = sorted(rows, key=lambda prompt: int(prompt["id"].rsplit("-", 1)[1]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in prompts))
    return prompts


def main(path: Path) -> list[dict]:
    prompts = write(path, rows())
    write(path.with_name("train_prompts.jsonl"), train_rows(prompts))
    return prompts


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "prompts.jsonl")
