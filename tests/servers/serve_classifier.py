"""A reward model over transformers, behind the routes that vLLM documents for classifiers.

python serve_classifier.py FOLDER NAME PORT

https://docs.vllm.ai/en/stable/models/pooling_models/classify/ and the schemas of vLLM 0.32's own
package: a text, a list of texts, token ids, lists of them, or one chat; sigmoid unless
use_activation is false; BOS unless add_special_tokens is false (a chat: not unless it is true).
"""
import sys
import time
import uuid
from typing import Any

import torch
import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, name, port = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
max_model_len = min(1024, model.config.max_position_embeddings)
app = FastAPI()


class Chat(BaseModel):
    messages: list[dict[str, Any]] | None = None
    add_generation_prompt: bool = True
    add_special_tokens: bool | None = None

    def chat_tokens(self) -> list[int]:
        text = tokenizer.apply_chat_template(
            self.messages, add_generation_prompt=self.add_generation_prompt, tokenize=False
        )
        return tokenizer.encode(text, add_special_tokens=self.add_special_tokens or False)


class Tokenize(Chat):
    model: str | None = None
    prompt: str | None = None


class Classify(Chat):
    model: str | None = None
    input: str | list[str] | list[int] | list[list[int]] | None = None
    use_activation: bool = True

    def prompts(self) -> list[list[int]]:
        if self.messages is not None:
            return [self.chat_tokens()]
        if isinstance(self.input, str) or all(isinstance(part, int) for part in self.input or []):
            self.input = [self.input]
        special = self.add_special_tokens is not False
        return [
            tokenizer.encode(part, add_special_tokens=special) if isinstance(part, str) else part
            for part in self.input
        ]


@app.exception_handler(HTTPException)
def refused(_, error: HTTPException):
    kind = "NotFoundError" if error.status_code == 404 else "BadRequestError"
    told = {"message": error.detail, "type": kind, "param": None, "code": error.status_code}
    return JSONResponse({"error": told}, status_code=error.status_code)


def must_serve(asked: str | None):
    if asked not in (None, name):
        raise HTTPException(404, f"The model `{asked}` does not exist.")


@app.get("/health")
def health():
    return None


@app.get("/v1/models")
def models():
    card = {"id": name, "object": "model", "owned_by": "vllm", "root": folder, "parent": None}
    return {"object": "list", "data": [card | {"max_model_len": max_model_len}]}


@app.post("/tokenize")
def tokenize(request: Tokenize):
    must_serve(request.model)
    if request.messages is not None:
        tokens = request.chat_tokens()
    else:
        special = request.add_special_tokens is not False
        tokens = tokenizer.encode(request.prompt or "", add_special_tokens=special)
    return {"count": len(tokens), "max_model_len": max_model_len, "tokens": tokens}


@app.post("/classify")
@torch.inference_mode()
def classify(request: Classify):
    must_serve(request.model)
    data, read = [], 0
    for index, tokens in enumerate(request.prompts()):
        if len(tokens) > max_model_len:
            raise HTTPException(
                400,
                f"This model's maximum context length is {max_model_len} tokens. However, you "
                f"requested {len(tokens)} tokens. Please reduce the length of the input.",
            )
        logits = model(torch.tensor([tokens])).logits[0]
        if request.use_activation:
            logits = logits.sigmoid() if len(logits) == 1 else logits.softmax(-1)
        read += len(tokens)
        label = model.config.id2label[int(logits.argmax())]
        probs = logits.tolist()
        data.append({"index": index, "label": label, "probs": probs, "num_classes": len(probs)})
    usage = {"prompt_tokens": read, "total_tokens": read, "completion_tokens": 0}
    head = {"id": f"classify-{uuid.uuid4().hex}", "object": "list", "created": int(time.time())}
    return head | {"model": name, "data": data, "usage": usage}


torch.set_num_threads(1)
uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
