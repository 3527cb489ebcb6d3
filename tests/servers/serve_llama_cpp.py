"""llama.cpp's own server, from the PyPI package xllamacpp: python serve_llama_cpp.py GGUF NAME PORT"""
import sys
import threading

import xllamacpp

path, name, port = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path = path
params.model_alias = {name}
params.hostnames = ["127.0.0.1"]
params.port = int(port)
# One slot: what else is in a batch, or was kept of an earlier prompt, changes the last digits of a
# reply's logits, and the tests want equal texts of equal requests.
params.n_ctx = 1024
params.n_parallel = 1
params.cache_prompt = False
params.cpuparams.n_threads = 1
params.warmup = False
server = xllamacpp.Server(params)
threading.Event().wait()
