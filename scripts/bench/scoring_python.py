"""Scores texts in plain batches of 32, in the order they come, padded to the longest of a batch.

python scoring_python.py JOB.json
Needs transformers (tokenizer and chat template) and onnxruntime. For scoring.ts.
"""

import json
import sys
import time

import numpy as np
import onnxruntime
from transformers import AutoTokenizer

job = json.load(open(sys.argv[1]))
tokenizer = AutoTokenizer.from_pretrained(job["model"])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(
    f"{job['model']}/onnx/model.onnx", options, providers=["CPUExecutionProvider"]
)


def score(chats):
    scores = []
    for start in range(0, len(chats), 32):
        texts = [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}],
                tokenize=False,
            )
            for prompt, answer in chats[start : start + 32]
        ]
        batch = tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=job["maxLength"],
            add_special_tokens=False,
            return_tensors="np",
        )
        feeds = {name: batch[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
        scores += session.run(["logits"], feeds)[0][:, 0].tolist()
    return scores


score(job["chats"][:32])
start, before = time.perf_counter(), time.process_time()
scores = score(job["chats"])
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - start,
            "cpu": time.process_time() - before,
            "scores": scores,
        }
    )
)
