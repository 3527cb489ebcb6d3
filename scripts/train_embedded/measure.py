"""The figures that say what the embedded models are worth, on prompts that neither was trained on."""

import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer

import sample_policy
import tokenizer as tok
from replies import OPENING
from train_reward import answer_ids, question_ids


def scorer(folder: Path):
    """Scores (messages, answer) with the ONNX reward model as it is shipped."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "onnx" / "model.onnx"), options)
    encoder = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def score(messages: list[dict], answers: list[str]) -> list[float]:
        rows = [question_ids(encoder, messages) + answer_ids(encoder, a) for a in answers]
        width = max(map(len, rows))
        ids = np.array([r + [tok.PAD] * (width - len(r)) for r in rows])
        mask = np.array([[1] * len(r) + [0] * (width - len(r)) for r in rows])
        return session.run(None, {"input_ids": ids, "attention_mask": mask})[0][:, 0].tolist()

    return score


def share(flags: list[bool]) -> float:
    return round(sum(flags) / max(1, len(flags)), 4)


def variant_figures(prompts: list[dict], replies: list[list[str]], variant: str, score) -> tuple[dict, dict, list]:
    """Figures of one variant, its shares of right answers a kind, and (prompt, answer, right, score) rows."""
    outcome, pairs, distinct, best, chance, mixed, both = [], [], [], [], [], [], []
    kinds, rows = defaultdict(list), []
    for prompt, texts in zip(prompts, replies):
        answers = [sample_policy.answer_of(variant, t) for t in texts]
        good = [a for a in answers if a is not None]
        right = [a in prompt["expected"] for a in good]
        outcome += ["malformed"] * (len(answers) - len(good)) + ["right" if r else "wrong" for r in right]
        mixed.append(len(set(right)) == 2)
        both.append(0 < len(good) < len(answers))
        if not good:
            continue
        scores = score(prompt["messages"], good)
        rows += [(prompt["source"], prompt["messages"][-1]["content"], a, r, s) for a, r, s in zip(good, right, scores)]
        best.append(right[int(np.argmax(scores))])
        chance.append(sum(right) / len(right))
        ranked = {
            (a, b): x > y for a, p, x in zip(good, right, scores) for b, q, y in zip(good, right, scores) if p and not q
        }
        pairs += [x > y for p, x in zip(right, scores) for q, y in zip(right, scores) if p and not q]
        distinct += ranked.values()
        kinds[prompt["source"]] += ranked.values()
    figures = {k: share([o == k for o in outcome]) for k in ("right", "wrong", "malformed")}
    figures |= {
        "prompts_right_and_wrong": share(mixed),
        "prompts_well_formed_and_malformed": share(both),
        "pairs": len(pairs),
        "pairs_ranked_right": share(pairs),
        "distinct_pairs": len(distinct),
        "distinct_pairs_ranked_right": share(distinct),
        "best_of_8_right": share(best),
        "random_reply_right": round(float(np.mean(chance)), 4),
    }
    return figures, {k: [share(v), len(v)] for k, v in kinds.items()}, rows


def main(work: Path, embedded: Path, seed: int = 11, detail: Path | None = None) -> dict:
    torch.set_num_threads(1)
    prompts = [json.loads(line) for line in (embedded / "prompts.jsonl").read_text().splitlines()]
    model, encoder = sample_policy.load(work)
    score = scorer(embedded / "reward")
    chats = [p["messages"] for p in prompts]
    out: dict = {"prompts": len(prompts), "temperature": sample_policy.TEMPERATURE}
    for variant in OPENING:
        begun = time.process_time()
        greedy = sample_policy.sample(model, encoder, variant, chats, 1, 0.0)
        replies = sample_policy.sample(model, encoder, variant, chats, 8, seed=seed)
        figures, kinds, rows = variant_figures(prompts, replies, variant, score)
        figures["greedy_right"] = share(
            [sample_policy.answer_of(variant, t[0]) in p["expected"] for t, p in zip(greedy, prompts)]
        )
        out[variant] = figures | {"pairs_by_kind": kinds, "cpu_seconds": round(time.process_time() - begun)}
        if detail:
            (detail / f"{variant}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
            (detail / f"{variant}.replies.json").write_text(
                json.dumps(list(zip([c[-1]["content"] for c in chats], replies)), indent=0)
            )
    expected = [(p["messages"], p["expected"][0]) for p in prompts]
    for name, spoil in (("empty", lambda a: ""), ("cut", lambda a: a[: len(a) // 2]), ("twice", lambda a: f"{a} {a}")):
        scored = [score(m, [a, spoil(a)]) for m, a in expected]
        out[f"right_over_{name}"] = share([x > y for x, y in scored])
    return out
