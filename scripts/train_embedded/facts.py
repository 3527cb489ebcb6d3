"""Kinds of question that are answered from a table."""

from random import Random

from question import Question, mistakes
from tables import (
    CAPITALS,
    COLOURS,
    CONTINENTS,
    DAYS,
    GROUPS,
    LEGS,
    LETTERS,
    MONTHS,
    NAMES,
    OPPOSITES,
    PAST,
    PHRASES,
    PLURALS,
    SOUNDS,
    THINGS,
    UNITS,
    WORDS,
    YOUNG,
)


def from_table(kind: str, table: dict[str, str], asks: list[str], think: str, say: tuple[str, ...], slips=None):
    """A maker of questions over a table; `slips` gives a key's wrong values where the table's own won't do."""
    values = list(table.values())

    def make(rng: Random, wide: bool = False) -> Question:
        key = rng.choice(list(table))
        right = table[key]
        wrong = slips(key, right) if slips else mistakes(kind + key, right, values)
        article = "an" if key[0] in "aeiou" else "a"
        fill = lambda text: (
            text.replace("a {k}", article + " {k}").replace("A {k}", article.title() + " {k}").replace("{k}", key)
        )
        return Question(kind, fill(rng.choice(asks)), right, wrong, fill(think), tuple(map(fill, say)))

    return make


def plural_slips(key: str, right: str) -> tuple[str, ...]:
    return tuple(w for w in (key + "s", key + "es", key[:-1] + "ies", key) if w != right)[:3]


def past_slips(key: str, right: str) -> tuple[str, ...]:
    return tuple(w for w in (key + "ed", key, key + "s", key + "t") if w != right)[:3]


capital = from_table(
    "capital",
    CAPITALS,
    [
        "What is the capital of {k}?",
        "Which city is the capital of {k}?",
        "Name the capital of {k}.",
        "{k}: what is its capital?",
    ],
    "The country is {k}. Its capital is {v}.",
    ("The capital of {k} is {v}.", "{v} is the capital of {k}."),
)
continent = from_table(
    "continent",
    CONTINENTS,
    [
        "On which continent is {k}?",
        "Which continent is {k} in?",
        "Name the continent of {k}.",
        "Where in the world is {k}?",
    ],
    "I look for {k} on the map. It is in {v}.",
    ("{k} is in {v}.",),
)
opposite = from_table(
    "opposite",
    OPPOSITES,
    [
        "What is the opposite of {k}?",
        "Which word is the opposite of {k}?",
        "Give the opposite of {k}.",
        "Not {k}, but what?",
    ],
    "The word is {k}. Its opposite is {v}.",
    ("The opposite of {k} is {v}.",),
)
plural = from_table(
    "plural",
    PLURALS,
    [
        "What is the plural of {k}?",
        "One {k}, two what?",
        "Give the plural of {k}.",
        "How do I write more than one {k}?",
    ],
    "One {k}, two {v}.",
    ("The plural of {k} is {v}.",),
    plural_slips,
)
past = from_table(
    "past",
    PAST,
    [
        "What is the past tense of {k}?",
        "Today I {k}. Yesterday I what?",
        "Put {k} into the past tense.",
        "Give the past of {k}.",
    ],
    "Today I {k}, yesterday I {v}.",
    ("The past tense of {k} is {v}.",),
    past_slips,
)
colour = from_table(
    "colour",
    COLOURS,
    [
        "What colour is {k}?",
        "Which colour does {k} have?",
        "Name the colour of {k}.",
        "Tell me the colour of {k}.",
        "{k}: which colour?",
    ],
    "I picture {k}. It looks {v}.",
    ("The colour of {k} is {v}.",),
)
legs = from_table(
    "legs",
    LEGS,
    [
        "How many legs does a {k} have?",
        "Count the legs of a {k}.",
        "What is the number of legs of a {k}?",
        "On how many legs does a {k} go?",
        "Legs of a {k}?",
    ],
    "I picture a {k} and count {v} legs.",
    ("The {k} has {v} legs.",),
)
sound = from_table(
    "sound",
    SOUNDS,
    [
        "What sound does a {k} make?",
        "What does a {k} say?",
        "Which sound comes from a {k}?",
        "How does a {k} sound?",
        "What noise does a {k} make?",
    ],
    "I listen to a {k}. It goes {v}.",
    ("The {k} says {v}.", "A {k} goes {v}."),
)
young = from_table(
    "young",
    YOUNG,
    [
        "What is a young {k} called?",
        "How do you call the young of a {k}?",
        "Name the young of a {k}.",
        "What is the baby of a {k}?",
        "A small {k} is called what?",
    ],
    "A {k} has young. Each is called {v}.",
    ("A young {k} is called {v}.",),
)
first_letter = from_table(
    "letter",
    {w: w[0].upper() for w in WORDS + THINGS[:10]},
    ["What is the first letter of {k}?", "With which letter does {k} begin?", "Name the first letter of {k}."],
    "I spell {k}. It begins with {v}.",
    ("The word {k} begins with {v}.",),
)


def calendar(rng: Random, wide: bool = False) -> Question:
    table, unit = (DAYS, "day") if rng.random() < 0.5 else (MONTHS, "month")
    at, step = rng.randrange(len(table)), rng.choice([1, -1])
    key, side = table[at], "after" if step > 0 else "before"
    right = table[(at + step) % len(table)]
    wrong = tuple(dict.fromkeys(table[(at + s) % len(table)] for s in (-step, 2 * step)))
    query = rng.choice(["Which {u} comes {s} {k}?", "What is the {u} {s} {k}?", "Name the {u} {s} {k}."])
    query = query.replace("{u}", unit).replace("{s}", side).replace("{k}", key)
    return Question(
        "calendar",
        query,
        right,
        wrong,
        f"I count one {unit} {side} {key} and reach {{v}}.",
        (f"The {unit} {side} {key} is {{v}}.",),
    )


def alphabet(rng: Random, wide: bool = False) -> Question:
    at, step = rng.randrange(1, 25), rng.choice([1, -1])
    key, side = LETTERS[at], "after" if step > 0 else "before"
    right, wrong = LETTERS[at + step], (LETTERS[at - step], LETTERS[(at + 2 * step) % 26])
    query = rng.choice(["Which letter comes {s} {k}?", "What is the letter {s} {k}?", "Name the letter {s} {k}."])
    return Question(
        "alphabet",
        query.replace("{s}", side).replace("{k}", key),
        right,
        wrong,
        f"In the alphabet {{v}} is {side} {key}.",
        (f"The letter {side} {key} is {{v}}.",),
    )


def unit(rng: Random, wide: bool = False) -> Question:
    large, small, factor = rng.choice(UNITS)
    count = rng.randint(2, 5)
    right = str(count * factor)
    wrong = (str((count + 1) * factor), str((count - 1) * factor), str(count * {60: 100, 100: 10}.get(factor, 60)))
    query = rng.choice(["How many {b} are in {n} {a}?", "Convert {n} {a} to {b}.", "{n} {a} are how many {b}?"])
    query = query.replace("{a}", large).replace("{b}", small).replace("{n}", str(count))
    return Question(
        "unit", query, right, wrong, f"{count} times {factor} is {{v}}.", (f"{count} {large} are {{v}} {small}.",)
    )


def group(rng: Random, wide: bool = False) -> Question:
    right = rng.choice(list(GROUPS))
    word = rng.choice(GROUPS[right])
    query = rng.choice(["What kind of thing is {w}?", "What is {w}?", "To which group does {w} belong?"])
    return Question(
        "group",
        query.replace("{w}", word),
        right,
        mistakes(word, right, list(GROUPS)),
        f"I think of {word} as a kind of {{v}}.",
        (f"The word {word} names a kind of {{v}}.",),
    )


def check(rng: Random, wide: bool = False) -> Question:
    """Is this city the capital of that country? The value is the whole sentence."""
    country = rng.choice(list(CAPITALS))
    capital_city = CAPITALS[country]
    city = capital_city if rng.random() < 0.5 else rng.choice([c for c in CAPITALS.values() if c != capital_city])
    yes = f"Yes, {city} is the capital of {country}."
    no = f"No, {city} is not the capital of {country}."
    query = rng.choice(["Is {c} the capital of {k}?", "Is the capital of {k} called {c}?"])
    right, other = (yes, no) if city == capital_city else (no, yes)
    return Question(
        "check",
        query.replace("{c}", city).replace("{k}", country),
        right,
        (other,),
        f"The city is {city}, the country is {country}. {{v}}",
        ("{v}",),
    )


def polite(rng: Random, wide: bool = False) -> Question:
    ask = rng.choice(list(PHRASES))
    name, other = rng.sample(NAMES, 2)
    thing, other_thing = rng.sample(THINGS, 2)
    fill = lambda text, n=name, t=thing: text.replace("{n}", n).replace("{t}", t)
    slips = [fill(PHRASES[ask], other), fill(rng.choice([p for k, p in PHRASES.items() if k != ask]))]
    if "{t}" in ask:
        slips.append(fill(PHRASES[ask], name, other_thing))
    return Question("polite", fill(ask), fill(PHRASES[ask]), tuple(slips), f"I speak to {name} kindly.", ("{v}",))
