"""torchaudio.functional.resample, driven over standard input and output: one JSON object a line.

{"op": "load", "path", "from", "to", "out"} reads float32 samples and writes the result to `out`; {"op": "run"} answers the milliseconds of one.
"""

import json
import sys
import time

import torch
import torchaudio
from torchaudio.functional import resample

torch.set_num_threads(1)


def answer(value):
    print(json.dumps(value), flush=True)


answer({"torch": torch.__version__, "torchaudio": torchaudio.__version__, "threads": torch.get_num_threads()})
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "load":
        with open(request["path"], "rb") as file:
            waveform = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)[None]
        rates = request["from"], request["to"]
        resample(waveform, *rates).numpy().tofile(request["out"])
        answer({})
    else:
        start = time.perf_counter()
        resample(waveform, *rates)
        answer({"ms": (time.perf_counter() - start) * 1e3})
