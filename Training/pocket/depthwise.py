"""Depthwise convolutions whose backward pass is quick on a processor.

oneDNN's gradients of a 5×5 depthwise convolution take ten to thirty times as long as the convolution, half of a training step.
The gradient of its input is a convolution with the turned kernel, and is made so. That of its kernel, 25 numbers a channel
and each a sum over all positions of the batch, is made from one picture in `SHARE` at random, times `SHARE`: right in the mean.
"""

import torch
from torch import nn

SHARE = 4


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight, bias):
        context.save_for_backward(x, weight)
        size, groups = weight.shape[-1], len(weight)
        return torch.nn.functional.conv2d(x, weight.to(x.dtype), bias.to(x.dtype), 1, size // 2, 1, groups)

    @staticmethod
    def backward(context, gradient):
        x, weight = context.saved_tensors
        size, groups = weight.shape[-1], len(weight)
        back = torch.nn.functional.conv2d(
            gradient, weight.flip(2, 3).to(gradient.dtype), None, 1, size // 2, 1, groups)
        count = max(1, len(x) // SHARE)
        some = torch.randperm(len(x))[:count]
        of_weight = torch.ops.aten.convolution_backward(
            gradient[some].float(), x[some].float(), weight, None, (1, 1), (size // 2, size // 2), (1, 1), False, (0, 0),
            groups, (False, True, False))[1]
        return back, of_weight * (len(x) / count), gradient.sum((0, 2, 3)).float()


class Depthwise(nn.Conv2d):
    def __init__(self, width: int, size: int, stride: int = 1):
        super().__init__(width, width, size, stride, size // 2, groups=width)

    def forward(self, x):
        if not (self.training and torch.is_grad_enabled() and self.kernel_size[0] == 5 and self.stride[0] == 1):
            return super().forward(x)
        return _Convolution.apply(x, self.weight, self.bias)
