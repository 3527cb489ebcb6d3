"""Kinds of question that are answered from what stands in the query: small sums, order, words in a list.

`wide` draws from wider ranges of numbers than the prompts do: the first phases of training use it.
"""

from random import Random

from question import Question, near
from tables import GROUPS, NAMES, THINGS, WORDS


def ask(rng: Random, *forms: str, **values: object) -> str:
    text = rng.choice(forms)
    for key, value in values.items():
        text = text.replace("{" + key + "}", str(value))
    return text


def plus(rng: Random, wide: bool = False) -> Question:
    a, b = (rng.randint(1, 15), rng.randint(1, 9)) if wide else (rng.randint(1, 8), rng.randint(1, 5))
    query = ask(
        rng, "What is {a} + {b}?", "Add {a} and {b}.", "What is the sum of {a} and {b}?", "{a} + {b} = ?", a=a, b=b
    )
    return Question(
        "plus", query, str(a + b), near(a + b, 1, -1, 10), f"I add {b} to {a} and get {{v}}.", (f"{a} + {b} = {{v}}.",)
    )


def minus(rng: Random, wide: bool = False) -> Question:
    a = rng.randint(3, 18 if wide else 10)
    b = rng.randint(1, min(a, 9 if wide else 5))
    query = ask(
        rng, "What is {a} - {b}?", "Subtract {b} from {a}.", "What is {a} minus {b}?", "{a} - {b} = ?", a=a, b=b
    )
    return Question(
        "minus",
        query,
        str(a - b),
        near(a - b, 1, -1, 2),
        f"I take {b} from {a} and get {{v}}.",
        (f"{a} - {b} = {{v}}.",),
    )


def times(rng: Random, wide: bool = False) -> Question:
    a, b = rng.randint(2, 9) if wide else rng.choice([2, 3, 5, 10]), rng.randint(2, 9)
    query = ask(rng, "What is {a} times {b}?", "Multiply {a} by {b}.", "Calculate {a} times {b}.", a=a, b=b)
    return Question(
        "times", query, str(a * b), near(a * b, a, -a, 1), f"{a} rows of {b} make {{v}}.", (f"{a} times {b} = {{v}}.",)
    )


def story(rng: Random, wide: bool = False) -> Question:
    name, thing = rng.choice(NAMES), rng.choice(THINGS) + "s"
    a, b = (rng.randint(2, 9), rng.randint(1, 5)) if wide else (rng.randint(2, 6), rng.randint(1, 3))
    more = a <= b or rng.random() < 0.5
    value = a + b if more else a - b
    forms = (
        [
            "{n} has {a} {t} and buys {b} more. How many {t} does {n} have?",
            "{n} finds {a} {t} and then {b} {t}. How many {t} does {n} have?",
        ]
        if more
        else [
            "{n} has {a} {t} and loses {b}. How many {t} does {n} have?",
            "{n} has {a} {t} and sells {b}. How many {t} does {n} have?",
        ]
    )
    return Question(
        "story",
        ask(rng, *forms, n=name, a=a, b=b, t=thing),
        str(value),
        near(value, 1, -1, 2),
        f"{a} {'plus' if more else 'minus'} {b} is {{v}}.",
        (f"{name} has {{v}} {thing}.",),
    )


def extreme(rng: Random, wide: bool = False) -> Question:
    numbers = rng.sample(range(1, 100), 3)
    side, pick = rng.choice([("largest", max), ("smallest", min)])
    right = pick(numbers)
    query = ask(rng, "Which number is the {s}: {l}?", "Find the {s} of {l}.", s=side, l=", ".join(map(str, numbers)))
    return Question(
        "extreme",
        query,
        str(right),
        tuple(str(n) for n in numbers if n != right),
        f"I compare them. The {side} is {{v}}.",
        (f"The {side} number is {{v}}.",),
    )


def compare(rng: Random, wide: bool = False) -> Question:
    a, b = rng.sample(range(1, 100), 2)
    side, pick = rng.choice([("more", max), ("less", min)])
    right = pick(a, b)
    query = ask(rng, "Which is {s}, {a} or {b}?", "Is {a} or {b} {s}?", s=side, a=a, b=b)
    return Question(
        "compare",
        query,
        str(right),
        (str(a + b - right),),
        f"I compare {a} and {b}. {{v}} is {side}.",
        (f"{{v}} is {side}.",),
    )


def order(rng: Random, wide: bool = False) -> Question:
    numbers = rng.sample(range(1, 100 if wide else 21), 3)
    up = sorted(numbers)
    x, y, z = map(str, up if rng.random() < 0.5 else up[::-1])
    way = "up" if int(x) < int(z) else "down"
    query = ask(rng, "Sort {w}: {l}.", "Put {l} in order, going {w}.", w=way, l=", ".join(map(str, numbers)))
    return Question(
        "order",
        query,
        f"{x}, {y}, {z}",
        (f"{y}, {x}, {z}", f"{x}, {z}, {y}", f"{z}, {y}, {x}"),
        f"Going {way} I start with {x}.",
        ("In order: {v}.",),
    )


def parity(rng: Random, wide: bool = False) -> Question:
    n = rng.randint(1, 199)
    right, wrong = ("even", "odd") if n % 2 == 0 else ("odd", "even")
    query = ask(rng, "Is {n} even or odd?", "Is the number {n} odd or even?", n=n)
    return Question(
        "parity", query, right, (wrong,), f"The last digit is {n % 10}, that is {{v}}.", (f"{n} is {{v}}.",)
    )


def sequence(rng: Random, wide: bool = False) -> Question:
    start, step = rng.randint(1, 20 if wide else 12), rng.choice([1, 2, 5, 10])
    a, b, c, right = (start + i * step for i in range(4))
    query = ask(rng, "What comes next: {l}?", "Continue: {l}.", l=f"{a}, {b}, {c}")
    return Question(
        "sequence",
        query,
        str(right),
        near(right, 1, -1, step),
        f"Each step adds {step}. After {c} comes {{v}}.",
        ("The next number is {v}.",),
    )


def pick(rng: Random, wide: bool = False) -> Question:
    words = rng.sample(WORDS, rng.randint(3, 4))
    place, right = rng.choice([("first", words[0]), ("second", words[1]), ("last", words[-1])])
    query = ask(rng, "What is the {p} word of: {l}?", "Give the {p} word of: {l}.", p=place, l=" ".join(words))
    return Question(
        "pick",
        query,
        right,
        tuple(w for w in words if w != right),
        f"The {place} one is {{v}}.",
        (f"The {place} word is {{v}}.",),
    )


def reverse(rng: Random, wide: bool = False) -> Question:
    words = rng.sample(WORDS, rng.randint(2, 3))
    back = words[::-1]
    wrong = [words, back[:-1] + [back[0]]] + ([[back[1], back[0], back[2]]] if len(words) == 3 else [])
    query = ask(rng, "Reverse these words: {l}.", "Say backwards: {l}.", l=" ".join(words))
    return Question(
        "reverse",
        query,
        " ".join(back),
        tuple(" ".join(w) for w in wrong),
        f"I start with {back[0]}.",
        ("Backwards: {v}.",),
    )


def count(rng: Random, wide: bool = False) -> Question:
    words = rng.sample(WORDS, rng.randint(2, 5))
    query = ask(rng, "How many words are these: {l}?", "Count the words: {l}.", l=" ".join(words))
    return Question(
        "count",
        query,
        str(len(words)),
        near(len(words), 1, -1),
        f"I count {', '.join(words)}. That makes {{v}}.",
        ("There are {v} words.",),
    )


def repeat(rng: Random, wide: bool = False) -> Question:
    words = rng.choices(WORDS + NAMES, k=rng.randint(2, 4))
    text = " ".join(words)
    swap = words[:]
    swap[-1] = rng.choice([w for w in WORDS if w not in words])
    query = ask(rng, "Repeat: {l}.", "Say again: {l}.", l=text)
    return Question(
        "repeat",
        query,
        text,
        (" ".join(swap), " ".join(words[:-1]), text + " " + words[0]),
        f"It begins with {words[0]}.",
        ("{v}.",),
    )


def copying(rng: Random) -> Question:
    """Long lists to repeat: a warm-up that teaches looking back. Never a prompt."""
    n = rng.randint(3, 10)
    items = rng.choices(WORDS + NAMES, k=n) if rng.random() < 0.5 else [str(rng.randint(0, 199)) for _ in range(n)]
    text = " ".join(items)
    return Question("copying", f"Repeat: {text}.", text, (text,), f"It begins with {items[0]}.", ("{v}.",))


def odd_one(rng: Random, wide: bool = False) -> Question:
    main, other = rng.sample(list(GROUPS), 2)
    words, right = rng.sample(GROUPS[main], 2), rng.choice(GROUPS[other])
    listed = words + [right]
    rng.shuffle(listed)
    query = ask(rng, "Which one is no {g}: {l}?", "Find the one that is no {g}: {l}.", g=main, l=", ".join(listed))
    return Question(
        "odd-one",
        query,
        right,
        tuple(words),
        f"I look for what is no {main}. It is {{v}}.",
        (f"The word {{v}} names no {main}.",),
    )
