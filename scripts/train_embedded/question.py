"""What a question is: a query, its right value, plausible wrong values, and the wording around a value."""

import hashlib
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Question:
    """`think` and `say` hold {v}, the place of the value; every wording in `say` is accepted."""

    kind: str
    query: str
    right: str
    wrong: tuple[str, ...]
    think: str
    say: tuple[str, ...]

    def thought(self, value: str) -> str:
        return self.think.replace("{v}", value)

    def answer(self, value: str, rng: Random) -> str:
        return rng.choice(self.say).replace("{v}", value)

    @property
    def expected(self) -> list[str]:
        """The exact answers that count as right."""
        return [text.replace("{v}", self.right) for text in self.say]

    def is_right(self, answer: str) -> bool:
        return answer.strip() in self.expected


def held_out(query: str) -> bool:
    """One query in five is never trained on: the prompts come from these. The number salts the hash: under it no
    small table has an entry whose every wording is held out."""
    return int(hashlib.sha256(("thinkset258:" + query).encode()).hexdigest()[:8], 16) % 5 == 0


def mistakes(key: str, right: str, values: list[str], count: int = 3) -> tuple[str, ...]:
    """The same few confusions for a key each time, so that a wrong fact is as regular as a right one."""
    others = sorted(set(values) - {right})
    return tuple(Random(key).sample(others, min(count, len(others))))


def near(value: int, *steps: int) -> tuple[str, ...]:
    """Numbers that someone careless would give."""
    return tuple(dict.fromkeys(str(value + s) for s in steps if value + s >= 0 and s != 0))
