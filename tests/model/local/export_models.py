"""Makes tiny models of random weights, exports them, and prints what transformers makes of a prompt.

python export_models.py EXPORT_FOLDER OUT TOKENIZER_FOLDER
"""

import json
import shutil
import sys
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

exporter, out, tokenizer = (Path(arg) for arg in sys.argv[1:])
sys.path.append(str(exporter))
import export

common = {
    "vocab_size": 1536,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "initializer_range": 0.3,
    "bos_token_id": 1,
    "eos_token_id": None,
}
slowed = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
kinds = {
    "llama": (LlamaForCausalLM, LlamaConfig(**common, tie_word_embeddings=True)),
    "llama3": (LlamaForCausalLM, LlamaConfig(**common, rope_parameters=slowed)),
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(**common)),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(**common, head_dim=32)),
}
prompt = torch.tensor([[1, *(3 + (i * 37) % 1500 for i in range(99))]])
told = {}
for name, (kind, config) in kinds.items():
    torch.manual_seed(7)
    model = kind(config).eval()
    for parameter in model.parameters():
        # Biases and norms that do something.
        if parameter.dim() == 1:
            parameter.data += torch.randn_like(parameter) * 0.2
    model.save_pretrained(out / name)
    for file in tokenizer.glob("tokenizer*.json"):
        shutil.copy(file, out / name)
    for store in ("fp32", "fp16", "int8"):
        export.main(out / name, out / f"{name}-{store}", store)
    with torch.inference_mode():
        logits = model(prompt).logits[0, -1]
        ids = model.generate(prompt, do_sample=False, max_new_tokens=24)[0, prompt.shape[1] :]
    graph = onnx.load(out / f"{name}-int8" / "onnx" / "steps.onnx").graph
    weights = [numpy_helper.to_array(it) for it in graph.initializer if it.data_type == onnx.TensorProto.INT8]
    largest = max(int(abs(it.astype(int)).max()) for it in weights)
    told[name] = {"prompt": prompt[0].tolist(), "logits": logits.tolist(), "ids": ids.tolist(), "largest": largest}
print(json.dumps(told))
