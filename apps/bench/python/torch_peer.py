"""What the PyTorch peers share. They are driven over standard input and output, one JSON object a line: {"op": "load", ...} builds a model from
float32 weights in a file, {"op": "step"} runs it once and answers its milliseconds, {"op": "write"} puts what the last step gave into a file, {"op": "memory"} answers the
bytes that are resident, and that were at most.
"""

import json
import subprocess
import sys
import time

import numpy as np
import torch


def describe():
    """What the figures are named after: PyTorch's version, who built it, its BLAS and its threads."""
    version, builder = torch.__version__, "pip"
    if torch.__file__.startswith("/usr/lib/python3/dist-packages/"):
        query = ["dpkg-query", "-W", "-f=${Version}", "python3-torch"]
        version = subprocess.run(query, capture_output=True, text=True).stdout.split("+")[0] or version
        builder = "Debian"
    torch.ones(8, 8) @ torch.ones(8, 8)
    with open("/proc/self/maps") as maps:
        libraries = maps.read()
    blas = "OpenBLAS" if "openblas" in libraries else "MKL" if torch.backends.mkl.is_available() else "reference BLAS"
    return {"version": version, "builder": builder, "blas": blas, "threads": torch.get_num_threads()}


def read_tensors(path, named_dims):
    """Tensors that lie one after another in a file, by name."""
    flat = np.fromfile(path, dtype="<f4")
    tensors, at = {}, 0
    for name, dims in named_dims:
        count = int(np.prod(dims))
        tensors[name] = torch.from_numpy(flat[at : at + count].reshape(dims).copy())
        at += count
    assert at == flat.size, f"{at} of {flat.size} weights have a name"
    return tensors


def memory():
    """Linux' own counts of this process."""
    with open("/proc/self/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return {name: int(fields[key].split()[0]) * 1024 for name, key in [("resident", "VmRSS"), ("peak", "VmHWM")]}


def serve(build):
    """`build` makes a model of a load request; its `step` gives a loss or nothing, its `results` are the tensors to compare."""
    model = None
    print(json.dumps(describe()), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = {}
        if request["op"] == "load":
            model = build(request)
        elif request["op"] == "write":
            flat = [tensor.detach().contiguous().numpy().ravel() for tensor in model.results()]
            np.concatenate(flat).astype("<f4").tofile(request["path"])
        elif request["op"] == "memory":
            answer = memory()
        else:
            start = time.perf_counter()
            loss = model.step()
            answer = {"loss": loss, "ms": (time.perf_counter() - start) * 1000}
        print(json.dumps(answer), flush=True)
