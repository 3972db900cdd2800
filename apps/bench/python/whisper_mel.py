"""Whisper's log-mel spectrogram by PyTorch, as openai/whisper computes it, driven over standard input and output: one JSON object a line.

{"op": "load", "path", "filters", "mels", "out"} reads float32 samples and mel filters and writes the result to `out`; {"op": "run"} answers the
milliseconds of one.
"""

import json
import sys
import time

import torch

torch.set_num_threads(1)


def answer(value):
    print(json.dumps(value), flush=True)


def floats(path):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.float32)


def features(audio, filters):
    spectrum = torch.stft(audio, 400, 160, window=torch.hann_window(400), return_complex=True)
    mel = filters @ spectrum[..., :-1].abs() ** 2
    log = mel.clamp(min=1e-10).log10()
    return (torch.maximum(log, log.max() - 8.0) + 4.0) / 4.0


answer({"torch": torch.__version__, "threads": torch.get_num_threads()})
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "load":
        audio = floats(request["path"])
        filters = floats(request["filters"]).reshape(request["mels"], -1)
        features(audio, filters).numpy().tofile(request["out"])
        answer({})
    else:
        start = time.perf_counter()
        features(audio, filters)
        answer({"ms": (time.perf_counter() - start) * 1e3})
