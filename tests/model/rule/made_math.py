"""Made-up answers to questions of mathematics, each with Math-Verify's verdict, as JSON Lines.

Labels are of the kinds that school and contest questions have; answers state them in several forms,
equal ones, wrong ones and junk. Arguments: how many, seed, and of how many one is judged (others have
no "right"; it is null where Math-Verify fails).
"""

import json
import logging
import random
import re
import sys

from math_verify import parse, verify

logging.disable(logging.CRITICAL)
count, seed, judged = map(int, sys.argv[1:])
draw = random.Random(seed)


def n(low=1, high=30):
    return draw.randint(low, high)


def fraction():
    return rf"{draw.choice(['', '-'])}\frac{{{n()}}}{{{n(2)}}}"


def number():
    return draw.choice([lambda: str(n(-99, 999)), fraction, lambda: f"{n()}.{n()}", lambda: rf"{n(2)}\sqrt{{{n(2)}}}"])()


KINDS = {
    "integer": lambda: str(n(-200, 5000)),
    "large": lambda: f"{n(1, 99)},{n(100, 999)},{n(100, 999)}",
    "fraction": fraction,
    "decimal": lambda: f"{n(0, 99)}.{n(1, 999)}",
    "percent": lambda: rf"{n(1, 99)}\%",
    "root": lambda: rf"{n(2)}\sqrt{{{n(2)}}}",
    "sum of roots": lambda: rf"{n()} + {n(2)}\sqrt{{{n(2)}}}",
    "quotient": lambda: rf"\frac{{{n()} - \sqrt{{{n(2)}}}}}{{{n(2)}}}",
    "pi": lambda: rf"{n(2)}\pi",
    "power": lambda: rf"{n(2, 9)}^{{{n(2, 40)}}}",
    "pair": lambda: f"({n(-9)}, {n(-9)})",
    "triple": lambda: rf"\left( {n(-9)}, {fraction()}, {n(-9)} \right)",
    "set": lambda: rf"\{{{n(1, 9)}, {n(10, 19)}, {n(20, 29)}\}}",
    "list": lambda: f"{n(1, 9)}, {n(10, 19)}",
    "interval": lambda: draw.choice([f"[{n(1, 9)}, {n(10, 19)})", rf"({n(1, 9)}, \infty)", rf"(-\infty, {n()}]"]),
    "union": lambda: rf"(-\infty, {n(1, 9)}) \cup ({n(10, 19)}, \infty)",
    "polynomial": lambda: f"{n(2, 9)}x^2 + {n(1, 9)}x - {n(1, 9)}",
    "product": lambda: f"(x + {n(1, 9)})(x - {n(1, 9)})",
    "line": lambda: f"y = {n(2, 9)}x + {n(1, 9)}",
    "inequality": lambda: draw.choice([rf"x \le {n()}", f"x > {n()}", f"{n(1, 5)} < x < {n(6, 19)}"]),
    "word": lambda: rf"\text{{{draw.choice(['even', 'odd', 'Monday', 'ellipse', 'yes'])}}}",
    "letter": lambda: rf"\text{{({draw.choice('ABCDE')})}}",
    "angle": lambda: rf"{n(1, 180)}^\circ",
    "money": lambda: rf"\${n(1, 99)}.{n(10, 99)}",
    "matrix": lambda: rf"\begin{{pmatrix}} {n()} & {n()} \\ {n()} & {n()} \end{{pmatrix}}",
    "complex": lambda: f"{n(1, 9)} + {n(2, 9)}i",
    "log": lambda: rf"\log_{{{n(2, 9)}}} {n(2)}",
    "binomial": lambda: rf"\binom{{{n(5, 12)}}}{{{n(1, 4)}}}",
}

FORMS = [
    lambda a: a,
    lambda a: a.replace(r"\frac", r"\dfrac"),
    lambda a: re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"\1/\2", a),
    lambda a: re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", lambda m: rf"\frac{{{3 * int(m[1])}}}{{{3 * int(m[2])}}}", a),
    lambda a: re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", lambda m: str(round(int(m[1]) / int(m[2]), draw.choice([2, 8]))), a),
    lambda a: a.replace(r"\left", "").replace(r"\right", ""),
    lambda a: a.replace(" ", ""),
    lambda a: a.replace(",", r",\ ") if "(" in a else a.replace(",", ""),
    lambda a: a if "=" in a or r"\text" in a else f"x = {a}",
    lambda a: a.replace(r"\text", r"\mathrm"),
    lambda a: a.replace(r"\sqrt{", r"\sqrt[2]{"),
    lambda a: a.replace("pmatrix", "bmatrix"),
    lambda a: a.replace(r"\%", ""),
    lambda a: a.replace(r"\le ", r"\leq "),
]


def wrong(kind, label):
    found = list(re.finditer(r"\d+", label))
    if not found or draw.random() < 0.3:
        return KINDS[kind]()
    at = draw.choice(found)
    return label[: at.start()] + str(int(at[0]) + draw.choice([1, 2, 10])) + label[at.end() :]


WAYS = [
    "The answer is ${}$.",
    r"\boxed{{{}}}",
    r"Adding up, we find $\boxed{{{}}}$.",
    "**Answer:** ${}$",
    r"So \[ {} \] is what we wanted.",
    "Final Answer: The final answer is ${}$. I hope it is correct.",
    "As $a = 3$ and $b = 4$, the result is ${}$",
    r"Thus \({}\).",
    "First, $2 + 2 = 4$. Therefore it is $${}$$",
]
PLAIN = ["The answer is {}.", "{}", "It is {}", "Answer: {}", "In 3 steps: {}"]
JUNK = ["I do not know.", "", "$$", r"\boxed{}", "The answer is left to the reader.", "$\\frac{1}{$", "((((", "0/0"]

for index in range(count):
    kind = draw.choice(list(KINDS))
    label, chance = KINDS[kind](), draw.random()
    if chance < 0.04:
        answer = draw.choice(JUNK)
    else:
        said = draw.choice(FORMS)(label) if chance < 0.6 else wrong(kind, label)
        plain = re.fullmatch(r"[-\d.,/]+", said) is not None
        answer = draw.choice(WAYS + (PLAIN if plain else [])).format(said)
    case = {"kind": kind, "label": label, "answer": answer}
    if index % judged == 0:
        try:
            case["right"] = bool(verify(parse(f"${label}$"), parse(answer)))
        except Exception:
            case["right"] = None
    print(json.dumps(case))
