"""Makes lib/embedded from nothing: tokenizer, policy, its own answers, reward model, ONNX folders, prompts, figures.

    python scripts/train_embedded/make.py --work WORK [--from STEP]

One thread, seeded. WORK keeps what is between; --from goes on at a step. README.md beside this file says what each
step does and how long it takes.
"""

import argparse
import json
import os
import shutil
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import measure
import package
import prompts
import sample_policy
import tokenizer
import train_policy
import train_reward

EMBEDDED = Path(__file__).resolve().parents[2] / "lib" / "embedded"


def put(source: Path, target: Path) -> None:
    """Replaces each file in one move, so that a reader never sees half of one."""
    for file in (f for f in source.rglob("*") if f.is_file()):
        place = target / file.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place.with_name(place.name + ".new"))
        os.replace(place.with_name(place.name + ".new"), place)


def pack(work: Path) -> None:
    staged = work / "embedded"
    for folder in ("policy", "reward"):
        (staged / folder).mkdir(parents=True, exist_ok=True)
    package.policy(work, staged / "policy")
    package.reward(work, staged / "reward")
    prompts.main(staged / "prompts.jsonl")
    put(staged, EMBEDDED)


def figures(work: Path) -> None:
    found = measure.main(work, EMBEDDED, detail=work)
    (work / "figures.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


STEPS = {
    "tokenizer": lambda w: tokenizer.train(w / "tokenizer.json"),
    "policy-first": lambda w: train_policy.main(w, 1800, "first", "policy_first.pt", horizon=4200),
    "policy-wide": lambda w: train_policy.main(
        w, 400, "wide", "policy_wide.pt", "policy_first.pt", 1000, 0.7, 0.3, seed=1
    ),
    "policy-clean": lambda w: train_policy.main(
        w, 500, "clean", "policy_clean.pt", "policy_wide.pt", peak=0.6, end=0.3, seed=2
    ),
    "policy": lambda w: train_policy.main(w, 700, "noise", "policy.pt", "policy_clean.pt", peak=0.5, seed=3),
    "reward-made": lambda w: train_reward.main(
        w, 400, "reward_made.pt", "policy_clean.pt", horizon=800, peak=0.7, end=0.35
    ),
    "samples": lambda w: sample_policy.main(w, {"think": 500}),
    "reward": lambda w: train_reward.main(w, 150, "reward.pt", "reward_made.pt", "samples.jsonl", peak=0.5, seed=2),
    "pack": pack,
    "figures": figures,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for what is between, some 30 MB")
    parser.add_argument("--from", dest="start", choices=STEPS, default="tokenizer", help="go on at this step")
    parser.add_argument("--only", choices=STEPS, help="do this step alone")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    names = [given.only] if given.only else list(STEPS)[list(STEPS).index(given.start) :]
    for name in names:
        wall, cpu = time.time(), time.process_time()
        STEPS[name](given.work)
        print(f"{name}: {time.process_time() - cpu:.0f} CPU s, {time.time() - wall:.0f} s", flush=True)
