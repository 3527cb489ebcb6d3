"""Runs a command and prints its CPU seconds and peak memory (MB) as a line of JSON.

python measure.py COMMAND ARGUMENT...
"""

import json
import resource
import subprocess
import sys
import time

start = time.monotonic()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(
    json.dumps(
        {
            "status": status,
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "wall_s": time.monotonic() - start,
            "peak_mb": usage.ru_maxrss / 1024,
        }
    )
)
