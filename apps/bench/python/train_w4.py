"""The convolutions W4 in PyTorch, forward and backward; `torch_peer` says how it is driven."""

import torch
import torch.nn.functional as F

from torch_peer import read_tensors, serve


class W4:
    """Three strided convolutions with ReLU between; the loss is the mean of squares, the results are the gradients of all parameters."""

    def __init__(self, request):
        tensors = read_tensors(request["weights"], request["parameters"])
        layout = torch.channels_last if request["channelsLast"] else torch.contiguous_format
        self.x = tensors.pop("x").contiguous(memory_format=layout)
        self.weights = {
            name: (tensor.contiguous(memory_format=layout) if tensor.dim() == 4 else tensor).requires_grad_()
            for name, tensor in tensors.items()
        }

    def step(self):
        x = self.x
        for i in range(3):
            x = F.conv2d(x, self.weights[f"{i}.weight"], self.weights[f"{i}.bias"], stride=2, padding=1)
            x = F.relu(x) if i < 2 else x  # [batch, channels, size, size]
        loss = (x * x).mean()
        for weight in self.weights.values():
            weight.grad = None
        loss.backward()
        return loss.item()

    def results(self):
        return [weight.grad for weight in self.weights.values()]


serve(W4)
