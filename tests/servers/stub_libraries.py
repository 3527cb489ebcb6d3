"""Empty stand-ins for the CUDA libraries that torch is linked to: python stub_libraries.py

torch's wheel on PyPI is linked to 5 GB of CUDA libraries that a CPU never calls, yet the loader
wants to find each of them, with every symbol that is bound at once. For each missing one a library
is compiled whose symbols are all empty. Needs gcc, nm and objdump.
"""
import importlib.util
import os
import re
import subprocess
import sys
import tempfile

CUDA = re.compile(
    r"^lib(cu(da|blas|blasLt|dnn|fft|file|pti|rand|solver|sparse|sparseLt)|nccl|nvrtc|nvshmem\w*)\.so"
)
# Symbols without a version belong to these libraries by their prefix.
PREFIXES = {
    "libcuda.so": r"cu[A-Z]",
    "libnccl.so": r"p?nccl",
    "libcusparseLt.so": r"cusparseLt",
    "libcufile.so": r"cuFile",
}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def wanted_by(libraries):
    """The sonames that libraries are linked to, and for each the versions that they ask it for."""
    names, versions = set(), {}
    for library in libraries:
        text = output("objdump", "-p", library)
        names.update(re.findall(r"NEEDED\s+(\S+)", text))
        for name, block in re.findall(r"required from (\S+):\n((?:\s+0x.*\n)+)", text):
            versions.setdefault(name, set()).update(line.split()[3] for line in block.splitlines())
    return names, versions


def compile_stub(path, name, versions, undefined):
    """Writes the library `name` with every undefined symbol that is its own."""
    symbols, script = [], ""
    for version in sorted(versions):
        own = sorted(s.split("@")[0] for s in undefined if s.split("@")[-1] == version and "@" in s)
        script += f"{version} {{ global: {' '.join(s + ';' for s in own)} }};\n"
        symbols += own
    prefix = PREFIXES.get(name[: name.index(".so") + 3])
    if prefix and not versions:
        symbols = sorted(s for s in undefined if "@" not in s and re.match(prefix, s))
    with tempfile.TemporaryDirectory() as folder:
        source, map_file = f"{folder}/stub.c", f"{folder}/stub.map"
        with open(source, "w") as file:
            file.writelines(f"char {symbol}[64];\n" for symbol in symbols)
        with open(map_file, "w") as file:
            file.write(script)
        options = [f"-Wl,--version-script={map_file}"] if script else []
        command = ["gcc", "-w", "-shared", "-fPIC", source, "-o", path, f"-Wl,-soname,{name}"]
        subprocess.run(command + options, check=True)


def main():
    torch = os.path.join(os.path.dirname(importlib.util.find_spec("torch").origin), "lib")
    # Where torch itself looks: nvidia-cuda-runtime, which stays real, has its folder there.
    target = os.path.join(os.path.dirname(torch), "..", "nvidia", "cu13", "lib")
    os.makedirs(target, exist_ok=True)
    libraries = [os.path.join(torch, name) for name in os.listdir(torch) if ".so" in name]
    names, versions = wanted_by(libraries)
    undefined = set()
    for library in libraries:
        text = output("nm", "-D", "--undefined-only", library)
        undefined.update(line.split()[-1] for line in text.splitlines())
    for name in sorted(name for name in names if CUDA.match(name)):
        path = os.path.join(target, name)
        if not os.path.exists(path):
            compile_stub(path, name, versions.get(name, set()), undefined)
            print(f"stub: {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
