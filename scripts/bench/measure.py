"""Runs a command and prints its CPU seconds, peak memory (MB) and last line as a line of JSON.

python measure.py COMMAND ARGUMENT...
"""

import json
import resource
import subprocess
import sys
import time

start = time.monotonic()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "status": done.returncode,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "wall_s": time.monotonic() - start,
            "peak_mb": usage.ru_maxrss / 1024,
            "printed": (done.stdout.strip().split("\n") or [""])[-1],
        }
    )
)
