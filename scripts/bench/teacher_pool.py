"""What many scripts do: a thread pool of 20 over an OpenAI-compatible server. For teacher.ts."""
import http.client
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

address, prompts, out = urlsplit(sys.argv[1]), sys.argv[2], sys.argv[3]
local, lock = threading.local(), threading.Lock()


def ask(row):
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection(address.hostname, address.port)
    body = {"model": "m", "messages": [{"role": "user", "content": row["prompt"]}]}
    headers = {"content-type": "application/json", "authorization": "Bearer none"}
    local.connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    reply = json.loads(local.connection.getresponse().read())
    line = json.dumps({"id": row["id"], "text": reply["choices"][0]["message"]["content"]})
    with lock:
        file.write(line + "\n")


with open(prompts) as rows, open(out, "w") as file, ThreadPoolExecutor(20) as pool:
    list(pool.map(ask, [json.loads(row) for row in rows]))
