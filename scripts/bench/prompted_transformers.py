"""A prompted model as scripts of the usual kind make it: the model loaded, and saved with another
chat template.

python prompted_transformers.py MODEL OUT TEMPLATE
Needs transformers and torch. Kept to be compared with thinkset's create-prompted-model.
"""

import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

source, out, template = sys.argv[1:]
torch.set_num_threads(1)
tokenizer = AutoTokenizer.from_pretrained(source)
tokenizer.chat_template = open(template).read()
AutoModelForCausalLM.from_pretrained(source, dtype="auto").save_pretrained(out)
tokenizer.save_pretrained(out)
