"""All kinds of question, with how often each is trained on and how often the policy is taught a wrong answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import facts as f
import puzzles as p
from question import Question, held_out


@dataclass(frozen=True)
class Kind:
    make: Callable[[Random, bool], Question]
    weight: float  # share of the training data; hard kinds count twice after the first phase
    wrong: float  # share of wrong answers in the policy's data


KINDS: dict[str, Kind] = {
    "capital": Kind(f.capital, 4, 0.30),
    "continent": Kind(f.continent, 3, 0.30),
    "opposite": Kind(f.opposite, 3, 0.25),
    "plural": Kind(f.plural, 3, 0.35),
    "past": Kind(f.past, 3, 0.35),
    "colour": Kind(f.colour, 3, 0.30),
    "legs": Kind(f.legs, 3, 0.35),
    "sound": Kind(f.sound, 3, 0.25),
    "young": Kind(f.young, 2, 0.30),
    "letter": Kind(f.first_letter, 3, 0.30),
    "calendar": Kind(f.calendar, 3, 0.35),
    "alphabet": Kind(f.alphabet, 3, 0.30),
    "unit": Kind(f.unit, 4, 0.30),
    "group": Kind(f.group, 3, 0.30),
    "check": Kind(f.check, 4, 0.30),
    "polite": Kind(f.polite, 4, 0.35),
    "plus": Kind(p.plus, 5, 0.25),
    "minus": Kind(p.minus, 5, 0.25),
    "times": Kind(p.times, 4, 0.25),
    "story": Kind(p.story, 5, 0.25),
    "extreme": Kind(p.extreme, 5, 0.25),
    "compare": Kind(p.compare, 4, 0.30),
    "order": Kind(p.order, 5, 0.25),
    "parity": Kind(p.parity, 3, 0.30),
    "sequence": Kind(p.sequence, 4, 0.30),
    "pick": Kind(p.pick, 4, 0.30),
    "reverse": Kind(p.reverse, 4, 0.25),
    "count": Kind(p.count, 4, 0.30),
    "repeat": Kind(p.repeat, 3, 0.30),
    "odd-one": Kind(p.odd_one, 4, 0.25),
}
HARD = {
    "calendar",
    "alphabet",
    "unit",
    "check",
    "plus",
    "minus",
    "times",
    "story",
    "extreme",
    "compare",
    "order",
    "sequence",
    "count",
    "odd-one",
}
NAMES, WEIGHTS = list(KINDS), [k.weight for k in KINDS.values()]
LATER = [k.weight * (2 if name in HARD else 1) for name, k in KINDS.items()]


def draw(rng: Random, out: bool = False, weights: Sequence[float] = LATER, wide: bool = False) -> Question:
    """A question to train on, or (out) one that training never sees."""
    make = KINDS[rng.choices(NAMES, weights)[0]].make
    while True:
        question = make(rng, wide)
        if held_out(question.query) == out:
            return question


def every(kind: str, seed: int = 5, tries: int = 4000) -> Iterator[Question]:
    """Different held-out questions of a kind."""
    rng, seen = Random(f"{seed}{kind}"), set()
    for _ in range(tries):
        question = KINDS[kind].make(rng, False)
        if held_out(question.query) and question.query not in seen:
            seen.add(question.query)
            yield question
