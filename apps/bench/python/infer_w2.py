"""The encoder block W2 in PyTorch, forward alone; `torch_peer` says how it is driven."""

import torch
import torch.nn.functional as F

from torch_peer import read_tensors, serve


class W2:
    """One pre-norm transformer block; the result is its output."""

    def __init__(self, request):
        self.weights = read_tensors(request["weights"], request["parameters"])
        self.x = self.weights.pop("x")
        self.heads, self.form = request["heads"], request["form"]
        if self.form == "traced":
            with torch.inference_mode():
                self.block = torch.jit.freeze(torch.jit.trace(_Block(self.weights, self.heads).eval(), self.x))
        else:
            self.block = _Block(self.weights, self.heads)

    def step(self):
        with torch.inference_mode():
            self.y = self.block(self.x)

    def results(self):
        return [self.y]


class _Block(torch.nn.Module):
    def __init__(self, weights, heads):
        super().__init__()
        self.weights, self.heads = weights, heads

    def linear(self, x, name):
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], 1e-5)

    def forward(self, x):
        batch, length, width = x.shape
        depth = width // self.heads
        qkv = self.linear(self.norm(x, "attentionNorm"), "attention.qkv")
        q, k, v = qkv.view(batch, length, 3, self.heads, depth).permute(2, 0, 3, 1, 4)  # [batch, heads, length, depth]
        attended = torch.softmax(q @ k.transpose(-2, -1) * depth**-0.5, dim=-1) @ v
        x = x + self.linear(attended.transpose(1, 2).reshape(batch, length, width), "attention.output")
        return x + self.linear(F.gelu(self.linear(self.norm(x, "mlpNorm"), "up"), approximate="tanh"), "down")


serve(W2)
