"""Sampling, resizing and cutting a clip into tubelets by Pillow and NumPy, driven over standard input and output: one JSON object a line.

{"op": "load", "path", "frames", "side", "count", "size", "patch", "tube", "out"} reads raw RGB frames and writes the float32 tubelets to `out`;
{"op": "run"} answers the milliseconds of one clip.
"""

import json
import sys
import time

import numpy as np
import PIL
from PIL import Image


def tubelets():
    picked = [frames[i] for i in np.linspace(0, len(frames) - 1, request["count"]).astype(int)]
    small = [np.asarray(frame.resize((size, size), Image.BICUBIC)) for frame in picked]
    clip = np.stack(small).astype(np.float32) * np.float32(1 / 255)  # [time, height, width, channels]
    t, n = request["count"] // tube, size // patch
    parts = clip.reshape(t, tube, n, patch, n, patch, 3).transpose(0, 2, 4, 6, 1, 3, 5)
    return np.ascontiguousarray(parts.reshape(t * n * n, -1))


def answer(value):
    print(json.dumps(value), flush=True)


answer({"pillow": PIL.__version__, "numpy": np.__version__})
for line in sys.stdin:
    message = json.loads(line)
    if message["op"] == "load":
        request = message
        size, patch, tube = request["size"], request["patch"], request["tube"]
        raw = np.fromfile(request["path"], np.uint8).reshape(request["frames"], request["side"], request["side"], 3)
        frames = [Image.fromarray(frame) for frame in raw]
        tubelets().tofile(request["out"])
        answer({})
    else:
        start = time.perf_counter()
        tubelets()
        answer({"ms": (time.perf_counter() - start) * 1e3})
