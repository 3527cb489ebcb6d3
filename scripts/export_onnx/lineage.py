"""Says in a folder where its weights come from: lineage.json, which `deno task verify --lineage` follows."""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

WEIGHTS = re.compile(r"\.(?:safetensors|bin|pt|pth|ckpt|h5|msgpack|gguf|onnx|onnx[._]data(?:_\d+)?|npz)$", re.I)
FILE = "lineage.json"
# What a prompted model has beside what trainers save.
PROMPTED = ("stop.txt", "longcot_config.json")


def weights_of(folder: Path) -> str:
    """SHA-256 over the lines `HASH  PATH` of a folder's files of weights, by path: as in thinkset's manifests."""
    lines = {}
    for here, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(here, name)
            if not name.startswith(".") and WEIGHTS.search(name):
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                lines[path.relative_to(folder).as_posix()] = digest
    text = "".join(f"{digest}  {path}\n" for path, digest in sorted(lines.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def leave_lineage(out: Path, made_by: str, source: Path, dataset: Path | None = None) -> None:
    """Leaves OUT/lineage.json: made of SOURCE's weights, trained on DATASET where one is given.

    Also puts the prompted model's own files back, which trainers don't save."""
    lineage = {"made_by": made_by, "source": {"path": str(source.resolve()), "weights": weights_of(source)}}
    if dataset is not None:
        manifest = hashlib.sha256((dataset / "manifest.json").read_bytes()).hexdigest()
        lineage["dataset"] = {"path": str(dataset.resolve()), "manifest": manifest}
    (out / FILE).write_text(json.dumps(lineage, indent=2) + "\n")
    for name in PROMPTED:
        if (source / name).exists() and not (out / name).exists():
            shutil.copy(source / name, out / name)


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the folder of the new weights")
    parser.add_argument("--source", type=Path, required=True, help="the model that was trained")
    parser.add_argument("--dataset", type=Path, help="the dataset that it was trained on")
    parser.add_argument("--made-by", default="training", help="what made them, in words")
    given = parser.parse_args()
    leave_lineage(given.out, given.made_by, given.source, given.dataset)
