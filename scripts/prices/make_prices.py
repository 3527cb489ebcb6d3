"""Makes lib/model/prices/prices.json from the price table that LiteLLM publishes in its PyPI package.

    python scripts/prices/make_prices.py [--version 1.110.2]

Takes the newest version where none is given. Keeps the models of OpenAI and of the Gemini API that write text, in US
dollars a million tokens; the table says which version of the package it is from, and the day that one was uploaded.
Needs nothing but Python and its pip.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from pip._internal.models.index import PyPI

TABLE = "litellm/model_prices_and_context_window_backup.json"
TARGET = Path(__file__).parents[2] / "lib" / "model" / "prices" / "prices.json"
# Models that are billed by more than the tokens of a chat, or that no chat request reaches.
OTHER = re.compile(r"^ft:|audio|search|realtime|streaming|tts|computer-use|image|lyria|robotics|omni|container|deep-research|-exp-|learnlm")
KINDS = {
    "input": "input_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "output": "output_cost_per_token",
}


def dollars(facts: dict, field: str) -> float | None:
    """A million tokens' price, without the noise of the division into single tokens."""
    value = facts.get(field)
    return None if value is None else float(f"{value * 1e6:.6g}")


def rates(facts: dict, over: str = "") -> dict | None:
    """The prices of one length of prompt, and what a batch's tokens cost as a part of them."""
    found = {kind: dollars(facts, field + over) for kind, field in KINDS.items()}
    if found["input"] is None or found["output"] is None:
        return None
    result = {kind: value for kind, value in found.items() if value is not None}
    batch = dollars(facts, KINDS["output"] + over + "_batches")
    if batch and found["output"]:
        result["batch"] = share(batch, found["output"])
        if found["cached_input"]:
            # Where the table has no price for a batch's cached tokens, they cost as much as any others.
            cached = dollars(facts, KINDS["cached_input"] + over + "_batches")
            most = found["input"] * result["batch"]
            part = share(most if cached is None else cached, found["cached_input"])
            if part != result["batch"]:
                result["batch_cached"] = part
    return result


def share(part: float, whole: float) -> float:
    return float(f"{part / whole:.4g}")


def price(name: str, facts: dict) -> dict | None:
    result = rates(facts)
    if result is None:
        return None
    reasoning = dollars(facts, "output_cost_per_reasoning_token")
    if reasoning not in (None, result["output"]):
        sys.exit(f"{name}: reasoning has a price of its own, which the table cannot say")
    for tokens in sorted({int(n) for field in facts for n in re.findall(r"_above_(\d+)k_tokens$", field)}):
        long = rates(facts, f"_above_{tokens}k_tokens")
        if long:
            # What a batch costs is said once, for all lengths.
            result["long"] = {"over": tokens * 1000} | {k: v for k, v in long.items() if k in KINDS}
            break
    if "deprecation_date" in facts:
        result["shut_down"] = facts["deprecation_date"]
    return result


def table(models: dict, version: str, day: str) -> dict:
    kept: dict[str, dict] = {}
    for name, facts in models.items():
        text = facts.get("mode") in ("chat", "responses") and facts.get("litellm_provider") in ("openai", "gemini")
        if not text:
            continue
        own = name.removeprefix("gemini/").removeprefix("openai/")
        found = None if OTHER.search(own) else price(own, facts)
        # A provider's own entry goes before one under a bare name.
        if found and (own not in kept or own != name):
            kept[own] = found
    return {
        "as_of": day,
        "source": f"litellm {version} (PyPI)",
        "currency": "USD",
        "per_tokens": 1_000_000,
        "models": dict(sorted(kept.items())),
    }


def written(made: dict) -> str:
    """JSON with a model a line, so that a change of the table can be read."""
    head = {key: value for key, value in made.items() if key != "models"}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    models = [f"    {json.dumps(name)}: {spaced(rates)}" for name, rates in made["models"].items()]
    return "{\n" + "\n".join(lines) + '\n  "models": {\n' + ",\n".join(models) + "\n  }\n}\n"


def spaced(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)}: {spaced(v)}" for k, v in value.items()) + " }"
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def fetched(version: str | None) -> tuple[dict, str, str]:
    wanted = f"litellm=={version}" if version else "litellm"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, wanted], check=True)
        wheel = next(Path(folder).glob("*.whl"))
        models = json.loads(zipfile.ZipFile(wheel).read(TABLE))
    request = urllib.request.Request(f"{index()}/litellm/")
    request.add_header("Accept", "application/vnd.pypi.simple.v1+json")
    with urllib.request.urlopen(request) as response:
        files = json.load(response)["files"]
    day = next(file["upload-time"][:10] for file in files if file["filename"] == wheel.name)
    return models, wheel.name.split("-")[1], day


def index() -> str:
    """The address of the index that pip takes packages from."""
    asked = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True)
    return (os.environ.get("PIP_INDEX_URL") or asked.stdout.strip() or PyPI.simple_url).rstrip("/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", help="of the package; the newest where not given")
    parser.add_argument("--table", type=Path, help="a table that is there already, with --version and --day")
    parser.add_argument("--day", help="YYYY-MM-DD, with --table")
    parser.add_argument("--out", type=Path, default=TARGET)
    given = parser.parse_args()
    if given.table:
        found = json.loads(given.table.read_text()), given.version, given.day
    else:
        found = fetched(given.version)
    given.out.write_text(written(table(*found)))


if __name__ == "__main__":
    main()
