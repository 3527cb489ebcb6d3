"""Answers for the reward model to judge: made-up wrong ones, and the policy's own with their exact labels."""

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

from kinds import draw
from question import Question
from replies import turns_before
from tables import NAMES, THINGS, WORDS

GROUP = 4  # answers judged side by side for one question


@dataclass(frozen=True)
class Case:
    """A conversation, every accepted answer, and a group of answers with at least one right and one wrong."""

    turns: list[dict[str, str]]
    expected: list[str]
    answers: list[str]


def damaged(answer: str, rng: Random) -> str:
    """An answer with a digit, a word or its end spoiled."""
    digits = [i for i, c in enumerate(answer) if c.isdigit()]
    words = answer.split(" ")
    at = rng.randrange(len(words))
    match rng.choice(["digit", "drop", "double", "swap", "cut", "letter", "twice"]):
        case "digit" if digits:
            i = rng.choice(digits)
            return answer[:i] + rng.choice("0123456789") + answer[i + 1 :]
        case "drop":
            return " ".join(words[:at] + words[at + 1 :])
        case "double":
            return " ".join(words[: at + 1] + words[at:])
        case "cut":
            return answer[: rng.randrange(len(answer))].strip()
        case "letter":
            i = rng.randrange(len(answer))
            return answer[:i] + answer[i + 1 :]
        case "twice":
            return f"{answer} {answer}"
        case _:
            return " ".join(words[:at] + [rng.choice(WORDS + NAMES + THINGS)] + words[at + 1 :])


def made_wrong(question: Question, rng: Random) -> str:
    kind = rng.random()
    if kind < 0.62:
        return question.answer(rng.choice(question.wrong), rng)
    if kind < 0.90:
        return damaged(question.answer(question.right, rng), rng)
    if kind < 0.95:
        other = draw(rng)
        return other.answer(other.right, rng)
    return rng.choice(["", ".", question.thought(question.right), question.right, question.query])


def group(rights: list[str], wrongs: list[str], rng: Random) -> list[str]:
    """One or two different right answers beside different wrong ones, filled up with damaged ones."""
    rights, wrongs = sorted(set(rights)), sorted(set(wrongs))
    rng.shuffle(rights)
    rng.shuffle(wrongs)
    chosen = rights[: rng.choice([1, 2])]
    chosen += wrongs[: GROUP - len(chosen)]
    while len(chosen) < GROUP:
        spoiled = damaged(chosen[0], rng)
        if spoiled not in rights:
            chosen.append(spoiled)
    return chosen


def made(rng: Random) -> Case:
    question = draw(rng)
    wrongs = [w for w in (made_wrong(question, rng) for _ in range(4)) if not question.is_right(w)]
    return Case(turns_before(question, rng, draw), question.expected, group(question.expected, wrongs, rng))


def read(path: Path) -> list[dict]:
    """The policy's own answers, {"messages", "expected", "answers"} a line; rows without a wrong one are of no use."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [r for r in rows if any(a not in r["expected"] for a in r["answers"])]


def sampled(rows: list[dict], rng: Random) -> Case:
    row = rng.choice(rows)
    wrongs = [a for a in row["answers"] if a not in row["expected"]]
    return Case(row["messages"], row["expected"], group(row["expected"], wrongs, rng))
