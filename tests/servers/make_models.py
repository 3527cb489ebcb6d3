"""Makes the models that the real servers of the tests serve: python make_models.py OUT SMOLLM2.gguf

OUT/smollm2  SmolLM2-135M-Instruct, dequantized, in Hugging Face's layout. Its tokenizer is given a
             post-processor that adds BOS by itself, as Llama's does: the trap of the second BOS.
OUT/reward   a small random Llama with one score, its chat template beginning with BOS, and the same
             trap; its scores are far outside of [0, 1], so that a squashed score is seen.
"""
import os
import sys

import torch
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GgufConfig,
    LlamaConfig,
    LlamaForSequenceClassification,
)

CHATML = (
    "{{ bos_token }}{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer_with_bos(folder, name):
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    tokenizer.bos_token = "<|endoftext|>"
    tokenizer.eos_token = "<|im_end|>"
    tokenizer.pad_token = "<|im_end|>"
    tokenizer.chat_template = CHATML
    bos = ("<|endoftext|>", tokenizer.bos_token_id)
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{bos[0]} $A", pair=f"{bos[0]} $A {bos[0]} $B", special_tokens=[bos]
    )
    return tokenizer


def make_smollm2(out, folder, name, tokenizer):
    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name, quantization_config=GgufConfig(dequantize=True), dtype=torch.float32
    )
    model.config.bos_token_id = model.generation_config.bos_token_id = tokenizer.bos_token_id
    model.config.eos_token_id = model.generation_config.eos_token_id = tokenizer.eos_token_id
    # Defaults that would change every sample if a client left a parameter out.
    model.generation_config.update(do_sample=True, temperature=0.2, top_k=5, top_p=0.5)
    model.to(torch.float16).save_pretrained(out)
    tokenizer.save_pretrained(out)


def make_reward(out, tokenizer):
    torch.manual_seed(7)
    model = LlamaForSequenceClassification(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            initializer_range=0.1,
            num_labels=1,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    with torch.no_grad():
        model.score.weight.mul_(5)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


if __name__ == "__main__":
    out, gguf = sys.argv[1:]
    folder, name = os.path.split(os.path.abspath(gguf))
    tokenizer = tokenizer_with_bos(folder, name)
    make_reward(f"{out}/reward", tokenizer)
    make_smollm2(f"{out}/smollm2", folder, name, tokenizer)
