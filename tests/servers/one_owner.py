"""Fails where two installed packages hold the same file: python one_owner.py

The one that was written last wins, which is another one from machine to machine. vLLM's wheels for
GPUs and for CPUs share most of their files: with both installed, a server starts, answers /health
and dies at its first request.
"""
import sys
from importlib.metadata import distributions

owners, shared = {}, set()
for distribution in distributions():
    name = distribution.metadata["Name"]
    for file in distribution.files or []:
        path = str(file)
        # Compiled again by whoever imports it, or a folder for scripts that everybody uses.
        if path.endswith(".pyc") or path.startswith(".."):
            continue
        if owners.setdefault(path, name) != name:
            shared.add((owners[path], name))
if shared:
    pairs = ", ".join(f"{one} and {other}" for one, other in sorted(shared))
    sys.exit(f"two packages hold the same files: {pairs}: leave one out of requirements.txt")
