"""CLIP's preprocessing by torchvision on a Pillow picture, driven over standard input and output: one JSON object a line.

{"op": "load", "path", "width", "height", "out"} reads raw RGB and writes the float32 result to `out`; {"op": "run"} answers the milliseconds of one.
"""

import json
import sys
import time

import PIL
import torch
import torchvision
from PIL import Image
from torchvision import transforms

torch.set_num_threads(1)

preprocess = transforms.Compose(
    [
        transforms.Resize(224, interpolation=transforms.InterpolationMode.BICUBIC),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    ]
)


def answer(value):
    print(json.dumps(value), flush=True)


answer({"pillow": PIL.__version__, "torchvision": torchvision.__version__, "threads": torch.get_num_threads()})
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "load":
        with open(request["path"], "rb") as file:
            picture = Image.frombytes("RGB", (request["width"], request["height"]), file.read())
        preprocess(picture).numpy().tofile(request["out"])
        answer({})
    else:
        start = time.perf_counter()
        preprocess(picture)
        answer({"ms": (time.perf_counter() - start) * 1e3})
