"""What a trainer does with the embedded policy, the training left out: loads it, saves it; then it is exported.

python trained_weights.py EXPORT_FOLDER PROMPTED_MODEL SAVED EXPORTED
"""

import json
import sys
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

exporter, prompted, saved, exported = (Path(arg) for arg in sys.argv[1:])
sys.path.append(str(exporter))
import export
import lineage

model = AutoModelForCausalLM.from_pretrained(prompted)
model.save_pretrained(saved)
AutoTokenizer.from_pretrained(prompted).save_pretrained(saved)
lineage.leave_lineage(saved, "nothing", prompted)
export.main(saved, exported, "fp32")
print(json.dumps({"dtype": str(model.dtype)}))
