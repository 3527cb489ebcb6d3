"""Makes a folder that `local/OUT` samples from, of a Llama, Mistral, Qwen2 or Qwen3 in Hugging Face's layout.

    python scripts/export_onnx/export.py MODEL OUT [--store fp32|fp16|int8]

Writes OUT/onnx/steps.onnx and copies configuration, tokenizer and templates. fp16 halves the file and computes in
fp32; int8 rounds weights (to 7 bits, so that no processor's sums overflow) and, at each step, what they are multiplied
with: smaller and faster, and other texts than fp32 gives. Needs numpy, onnx, torch and safetensors.
"""

import argparse
import shutil
from pathlib import Path

from lineage import FILE, leave_lineage
from source import Folder, read_shape
from steps import export_steps

COPIED = ("*.json", "*.jinja", "*.txt", "tokenizer.model")
# What the source's folder says of itself.
NOT_COPIED = ("manifest.json", FILE)


def main(model: Path, out: Path, store: str) -> None:
    export_steps(read_shape(model), Folder(model), out / "onnx" / "steps.onnx", store)
    for pattern in COPIED:
        for file in model.glob(pattern):
            if not file.name.endswith(".index.json") and file.name not in NOT_COPIED:
                shutil.copy(file, out / file.name)
    leave_lineage(out, "export_onnx", model)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--store", choices=("fp32", "fp16", "int8"), default="fp32")
    given = parser.parse_args()
    main(given.model, given.out, given.store)
