"""The training step W3 in PyTorch, driven over standard input and output: one JSON object a line.

{"op": "load", ...} builds the model from float32 weights in a file; {"op": "step"} runs one step and answers its loss and milliseconds.
"""

import json
import subprocess
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F


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


class W3:
    """Pre-norm transformer with an untied head; its parameters carry the names that @polymodal/nn gives them."""

    def __init__(self, request):
        flat = np.fromfile(request["weights"], dtype="<f4")
        self.weights, at = {}, 0
        for name, dims in request["parameters"]:
            count = int(np.prod(dims))
            self.weights[name] = torch.from_numpy(flat[at : at + count].reshape(dims).copy()).requires_grad_()
            at += count
        assert at == flat.size, f"{at} of {flat.size} weights have a name"
        self.blocks, self.heads = request["blocks"], request["heads"]
        self.ids = torch.tensor(request["ids"]).reshape(request["batch"], -1)
        self.targets = torch.tensor(request["targets"])
        self.optimizer = torch.optim.AdamW(
            self.weights.values(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, foreach=request["foreach"]
        )

    def linear(self, x, name):
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], 1e-5)

    def block(self, x, name):
        batch, length, width = x.shape
        depth = width // self.heads
        qkv = self.linear(self.norm(x, f"{name}.attentionNorm"), f"{name}.attention.qkv")
        q, k, v = qkv.view(batch, length, 3, self.heads, depth).permute(2, 0, 3, 1, 4)  # [batch, heads, length, depth]
        attended = torch.softmax(q @ k.transpose(-2, -1) * depth**-0.5, dim=-1) @ v
        x = x + self.linear(attended.transpose(1, 2).reshape(batch, length, width), f"{name}.attention.output")
        hidden = F.gelu(self.linear(self.norm(x, f"{name}.mlpNorm"), f"{name}.up"), approximate="tanh")
        return x + self.linear(hidden, f"{name}.down")

    def step(self):
        x = F.embedding(self.ids, self.weights["tokens.weight"]) + self.weights["positions"]  # [batch, length, width]
        for i in range(self.blocks):
            x = self.block(x, f"blocks.{i}")
        logits = self.linear(self.norm(x, "norm"), "head")  # [batch, length, vocabulary]
        loss = F.cross_entropy(logits.flatten(0, 1), self.targets)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def main():
    model = None
    print(json.dumps(describe()), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "load":
            model = W3(request)
            answer = {"parameters": sum(w.numel() for w in model.weights.values())}
        else:
            start = time.perf_counter()
            loss = model.step()
            answer = {"loss": loss, "ms": (time.perf_counter() - start) * 1000}
        print(json.dumps(answer), flush=True)


main()
