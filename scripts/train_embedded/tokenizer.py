"""The tokenizer of both models: byte-level BPE, digits single, the format's tags as added tokens."""

import json
from pathlib import Path
from random import Random

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from kinds import WEIGHTS, draw
from replies import OPENING, SYSTEM, conversation, reply

PAD, BOS, EOS = 0, 1, 2
SPECIAL = ["<pad>", "<s>", "</s>"]
TAGS = ["<query>", "</query>", "<think>", "</think>", "<response>", "</response>"]
VOCABULARY = 1536


def train(path: Path, seed: int = 1, texts: int = 30_000) -> Tokenizer:
    rng = Random(seed)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()

    def corpus():
        yield from (text for text in [*OPENING.values(), *SYSTEM] for _ in range(300))
        for _ in range(texts):
            q = draw(rng, weights=WEIGHTS, wide=True)
            value = rng.choice([q.right, *q.wrong])
            yield conversation([{"role": "user", "content": q.query}]) + reply(
                "think", q.thought(value), q.answer(value, rng)
            )

    def untagged():
        for text in corpus():
            for tag in TAGS:
                text = text.replace(tag, "")
            yield text

    tokenizer.train_from_iterator(
        untagged(),
        trainers.BpeTrainer(
            vocab_size=VOCABULARY - len(TAGS),
            special_tokens=SPECIAL,
            min_frequency=3,
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        ),
    )
    tokenizer.add_tokens([AddedToken(tag, special=False, normalized=False) for tag in TAGS])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", BOS)]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    return tokenizer


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    """Token ids without BOS."""
    return tokenizer.encode(text, add_special_tokens=False).ids


def settings(chat_template: str | None = None, padding_side: str = "left") -> dict[str, object]:
    """tokenizer_config.json. The policy is a base model and has no chat template."""
    config: dict[str, object] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "clean_up_tokenization_spaces": False,
        "padding_side": padding_side,
        "model_max_length": 2048,
    }
    return config | ({"chat_template": chat_template} if chat_template else {})


def special_map() -> str:
    return json.dumps({"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}, indent=2) + "\n"
