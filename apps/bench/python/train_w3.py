"""The training step W3 in PyTorch; `torch_peer` says how it is driven."""

import torch
import torch.nn.functional as F

from torch_peer import read_tensors, serve


class W3:
    """Pre-norm transformer with an untied head; its parameters carry the names that @polymodal/nn gives them."""

    def __init__(self, request):
        named = read_tensors(request["weights"], request["parameters"])
        self.weights = {name: weight.requires_grad_() for name, weight in named.items()}
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


serve(W3)
