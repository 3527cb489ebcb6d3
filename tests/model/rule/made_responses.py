"""Made-up responses to instructions, each with the verdict of IFEval's public checks (lm-eval).

All 25 types, texts of many languages. Prints JSON Lines; arguments: how many, seed.
"""

import importlib
import json
import logging
import random
import re
import sys
import types

import langdetect
import nltk
from nltk.tokenize.destructive import NLTKWordTokenizer
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

logging.disable(logging.CRITICAL)
count, seed = int(sys.argv[1]), int(sys.argv[2])
draw = random.Random(seed)
langdetect.DetectorFactory.seed = 0

# The package's own entry loads a whole evaluation harness, and its data from the net: only the
# checks are wanted. NLTK's trained sentence model cannot be had either: its own algorithm runs here
# with abbreviations that the English model holds.
site = importlib.util.find_spec("lm_eval").submodule_search_locations[0]
for name in ("", ".tasks", ".tasks.ifeval"):
    module = types.ModuleType("lm_eval" + name)
    module.__path__ = [site + name.replace(".", "/")]
    sys.modules["lm_eval" + name] = module
nltk.data.find = lambda *_: True
parameters = PunktParameters()
parameters.abbrev_types = set("mr mrs ms dr st jr sr inc corp co ltd vs etc e.g i.e u.s a.m p.m ph.d jan feb aug sept oct nov dec".split())
sentences = PunktSentenceTokenizer(parameters).tokenize
words = NLTKWordTokenizer()
nltk.word_tokenize = lambda text: [word for part in sentences(text) for word in words.tokenize(part)]
util = importlib.import_module("lm_eval.tasks.ifeval.instructions_util")
util.count_sentences = lambda text: len(sentences(text))
checks = importlib.import_module("lm_eval.tasks.ifeval.instructions_registry").INSTRUCTION_DICT

SENTENCES = """The river rises in the hills, runs past three towns and meets the sea.
Bread needs flour, water, salt and time. Dr. Lee wrote 14 letters to Mr. Brown!
Who would have thought that it took 3.5 hours? We left at noon. It was cold.
In short, e.g. when it rains, the path is closed. She said "no" and left.
Add one to each of them and write the sum below. Then look at the U.S. map, e.g. at Ohio.
Dies ist ein Satz über Brot. Und noch einer, der etwas länger ist! Wirklich?
Ceci est une phrase sur la mer. En voici une autre, plus longue, pour finir.
これは文です。もう一つの文があります。今日は天気がいいですね。
这是一个关于河流的句子。这是另一个句子！你好吗？
Это предложение о реке. А это ещё одно, подлиннее. Почему бы и нет?
هذه جملة عن النهر. وهذه جملة أخرى أطول قليلا. هل تفهم؟
यह नदी के बारे में एक वाक्य है। यह दूसरा वाक्य है।
Esta es una frase sobre el río. ¿Y esta otra? ¡Claro que sí!
이것은 강에 대한 문장입니다. 또 다른 문장입니다. 오늘은 춥습니다.
Αυτή είναι μια πρόταση για το ποτάμι. Και άλλη μία, λίγο μεγαλύτερη.
Bu nehir hakkında bir cümle. İşte başka bir tane, daha uzun.
นี่คือประโยคเกี่ยวกับแม่น้ำ นี่คืออีกประโยคหนึ่ง""".split("\n")
ENDS = ["Any other questions?", "Is there anything else I can help with?"]


def text():
    some = draw.choices(SENTENCES[:5], k=draw.randint(1, 4)) if draw.random() < 0.7 else [draw.choice(SENTENCES)]
    parts = re.split(r"(?<=[.!?])\s+", " ".join(some))[: draw.randint(1, 9)]
    return draw.choice(SHAPES)(parts)


SHAPES = [
    " ".join,
    " ".join,
    " ".join,
    lambda p: " ".join(p).upper(),
    lambda p: " ".join(p).lower(),
    lambda p: " ".join(p).replace(",", ""),
    lambda p: "\n".join(draw.choice(["* ", "- ", "** ", " * "]) + part for part in p),
    lambda p: draw.choice([" *** ", "\n***\n", "***"]).join(p),
    lambda p: "\n\n".join(p),
    lambda p: f'"{" ".join(p)}"',
    lambda p: draw.choice(["```json\n{}\n```", "{}", "```\n{}```"]).format(json.dumps({"a": p}, ensure_ascii=draw.random() < 0.5)),
    lambda p: " ".join(p) + "\n******\n" + (" ".join(p) if draw.random() < 0.3 else draw.choice(SENTENCES)),
    lambda p: f"<<{p[0][:20]}>>\n" + " ".join(p),
    lambda p: "\n".join(f"{draw.choice(['Section', 'SECTION', 'PARAGRAPH', 'Section '])} {i}\n{part}" for i, part in enumerate(p, 1)),
    lambda p: re.sub(r"(\w+ \w+)", lambda m: draw.choice(["*{}*", "**{}**", "{}", "{}", "{}"]).format(m[1]), " ".join(p)),
    lambda p: " ".join(p) + "\n" + draw.choice(["P.S. thanks", "P.P.S bye", "p. s. hi", "PS: no", "P.P.S. x"]),
    lambda p: " ".join(p) + " " + draw.choice(ENDS + [ENDS[0].upper() + '"']),
    lambda p: re.sub(r"\b(\w{4,8})\b", lambda m: draw.choice([m[1].upper(), f"[{m[1]}]", m[1], m[1], m[1]]), " ".join(p)),
    lambda p: draw.choice(["My answer is yes.", "My answer is maybe. ", "I think My answer is no."]) + draw.choice(["", p[0]]),
    lambda p: draw.choice(["", "   ", "\n\n", "***", "\x00\ufffd", "*" * 50]),
]


def arguments(name, response):
    own = re.findall(r"\w+", response) or ["x"]
    word = lambda: draw.choice(own) if draw.random() < 0.6 else draw.choice(["the", "river", "über", "и", "会"])
    relation = lambda: draw.choice(["less than", "at least"])
    full = max(1, len([part for part in response.split("\n\n") if part.strip()]))
    near = lambda count: max(1, count + draw.randint(-1, 2))
    made = {
        "keywords:existence": lambda: {"keywords": [word() for _ in range(draw.randint(1, 2))]},
        "keywords:frequency": lambda: {"keyword": word(), "frequency": draw.randint(1, 5), "relation": relation()},
        "keywords:forbidden_words": lambda: {"forbidden_words": [word() for _ in range(draw.randint(1, 3))]},
        "keywords:letter_frequency": lambda: {"letter": draw.choice("aeoinqz"), "let_frequency": draw.randint(1, 30), "let_relation": relation()},
        "language:response_language": lambda: {"language": draw.choice("en en de fr ru ar ja ko es hi th el tr".split())},
        "length_constraints:number_sentences": lambda: {"num_sentences": near(util.count_sentences(response)), "relation": relation()},
        "length_constraints:number_paragraphs": lambda: {"num_paragraphs": draw.randint(1, 5)},
        "length_constraints:number_words": lambda: {"num_words": near(len(own)), "relation": relation()},
        "length_constraints:nth_paragraph_first_word": lambda: {"num_paragraphs": full, "nth_paragraph": draw.randint(1, full), "first_word": draw.choice([own[0], word()])},
        "detectable_content:number_placeholders": lambda: {"num_placeholders": draw.randint(1, 4)},
        "detectable_content:postscript": lambda: {"postscript_marker": draw.choice(["P.S.", "P.P.S", "PS:"])},
        "detectable_format:number_bullet_lists": lambda: {"num_bullets": draw.randint(1, 6)},
        "detectable_format:number_highlighted_sections": lambda: {"num_highlights": draw.randint(1, 5)},
        "detectable_format:multiple_sections": lambda: {"section_spliter": draw.choice(["Section", "SECTION", "PARAGRAPH"]), "num_sections": draw.randint(1, 5)},
        "combination:repeat_prompt": lambda: {"prompt_to_repeat": response[: draw.randint(3, 40)] if draw.random() < 0.6 else word()},
        "startend:end_checker": lambda: {"end_phrase": draw.choice(ENDS + [response[-12:] or "x"])},
        "change_case:capital_word_frequency": lambda: {"capital_frequency": draw.randint(1, 10), "capital_relation": relation()},
    }
    return made.get(name, dict)()


made = 0
while made < count:
    name, response = draw.choice(list(checks)), text()
    given = arguments(name, response)
    check = checks[name](name)
    try:
        check.build_description(**{key: value for key, value in given.items() if value})
        right = bool(response.strip() and check.check_following(response))
    except Exception:
        continue
    made += 1
    label = {"instruction_id_list": [name], "kwargs": [given]}
    print(json.dumps({"kind": name, "label": label, "answer": response, "right": right}))
