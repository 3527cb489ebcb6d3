"""Renders chats with apply_chat_template, for folders named on standard input.

In: {"folders": [...], "chats": [[{"role", "content"}, ...], ...], "mask": bool}
Out: for each folder {"chats": [[without a generation prompt, with one, BOS ids in it], ...],
"bos", "eos", "learned": the text that return_assistant_tokens_mask marks in the last chat}.
"""
import json
import sys

from transformers import AutoTokenizer, GenerationConfig

job = json.load(sys.stdin)
result = []
for folder in job["folders"]:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = []
    for chat in job["chats"]:
        try:
            plain = tokenizer.apply_chat_template(chat, tokenize=False)
            prompt = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
            ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True)["input_ids"]
        except Exception as error:
            rows.append([f"{type(error).__name__}: {error}", None, None])
            continue
        bos = ids.count(tokenizer.bos_token_id) if tokenizer.bos_token_id is not None else None
        rows.append([plain, prompt, bos])
    entry = {"chats": rows, "bos": tokenizer.bos_token, "eos": tokenizer.eos_token}
    if job["mask"]:
        out = tokenizer.apply_chat_template(
            job["chats"][-1], return_dict=True, return_assistant_tokens_mask=True
        )
        kept = [i for i, m in zip(out["input_ids"], out["assistant_masks"]) if m]
        entry["learned"] = tokenizer.decode(kept)
        entry["eos_id"] = tokenizer.eos_token_id
        entry["generation_eos_id"] = GenerationConfig.from_pretrained(folder).eos_token_id
    result.append(entry)
json.dump(result, sys.stdout)
