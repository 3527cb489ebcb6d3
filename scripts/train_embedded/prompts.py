"""The embedded prompts: held-out questions of every kind, some with a system message or an earlier turn."""

import json
from pathlib import Path
from random import Random

from kinds import KINDS, draw, every
from replies import SYSTEM

EACH, CHATS = 16, 6


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


def main(path: Path) -> list[dict]:
    # Kinds take turns, so that the first N prompts (--limit N) are of all kinds.
    prompts = sorted(rows(), key=lambda prompt: int(prompt["id"].rsplit("-", 1)[1]))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in prompts))
    return prompts
