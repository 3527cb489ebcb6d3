"""Lets PyPI's torch be imported without its CUDA packages, where the CPU alone is used.

torch's libraries are linked to libcudnn, libcublas and so on. For each of those that is missing, an
empty library with the names that torch looks for is compiled into torch/lib, where the loader finds
it. Needs gcc and binutils (nm, objdump). Does nothing where the stubs are there already.
"""

import pathlib
import re
import subprocess
import sysconfig
import tempfile

LIBRARIES = re.compile(
    r"lib(nvrtc|cusparse|cusparseLt|cufile|cudnn|cublas|cublasLt|nvshmem_host|nccl|cusolver|cupti"
    r"|cufft|cuda)\.so"
)
# Libraries whose symbols carry no version are known by the beginnings of their names.
UNVERSIONED = {
    "libnccl": r"p?nccl",
    "libcuda": r"cu[A-Z]",
    "libcusparseLt": r"cusparseLt",
    "libcufile": r"cuFile",
}


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def versions_of(dump: str, library: str) -> set[str]:
    """The symbol versions that an `objdump -p` asks of a library."""
    found, inside = set(), False
    for line in dump.splitlines():
        if "required from" in line:
            inside = line.split()[-1].rstrip(":") == library
        elif inside and "0x" in line:
            found.add(line.split()[3])
    return found


def main() -> None:
    folder = pathlib.Path(sysconfig.get_paths()["purelib"]) / "torch" / "lib"
    own = sorted(folder.glob("libtorch*.so")) + sorted(folder.glob("libc10*.so"))
    dumps = [output("objdump", "-p", str(path)) for path in own]
    needed = {line.split()[1] for dump in dumps for line in dump.splitlines() if "NEEDED" in line}
    missing = [
        name for name in needed if LIBRARIES.match(name) and not (folder / name).exists()
    ]
    if not missing:
        return
    undefined = set()
    for path in own:
        for line in output("nm", "-D", "--undefined-only", str(path)).splitlines():
            undefined.add(line.split()[-1])
    for name in missing:
        versions = set().union(*(versions_of(dump, name) for dump in dumps))
        with tempfile.TemporaryDirectory() as work:
            source, script = pathlib.Path(work, "stub.c"), pathlib.Path(work, "versions")
            options, symbols, blocks = [], set(), []
            for version in sorted(versions):
                these = {s.split("@")[0] for s in undefined if s.split("@")[-1] == version}
                symbols |= these
                blocks.append(f"{version} {{ global: {' '.join(s + ';' for s in these)} }};")
            if versions:
                script.write_text("\n".join(blocks))
                options = [f"-Wl,--version-script={script}"]
            prefix = UNVERSIONED.get(name.split(".so")[0])
            if prefix and not versions:
                symbols |= {s for s in undefined if "@" not in s and re.match(prefix, s)}
            source.write_text("".join(f"char {symbol}[64];\n" for symbol in sorted(symbols)))
            made = pathlib.Path(work, name)
            command = ["gcc", "-w", "-shared", "-fPIC", str(source), "-o", str(made)]
            subprocess.run([*command, f"-Wl,-soname,{name}", *options], check=True)
            (folder / name).write_bytes(made.read_bytes())


main()
