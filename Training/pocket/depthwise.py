"""Depthwise convolutions whose backward pass is quick on a processor.

oneDNN's gradients of a 5×5 or a strided depthwise convolution take ten to thirty times as long as the convolution, half of a
training step. The gradient of its input is a convolution with the turned kernel (where there is a stride, of the gradient with
zeros between), and is made so. That of its kernel, 25 numbers a channel and each a sum over all positions of the batch, is
made from one picture in `SHARE` at random, times `SHARE`: right in the mean.
"""

import torch
from torch import nn

SHARE = 4


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(context, x, weight, bias, stride: int, padding: int, dilation: int):
        context.save_for_backward(x, weight)
        context.sizes = stride, padding, dilation
        return torch.nn.functional.conv2d(
            x, weight.to(x.dtype), bias.to(x.dtype), stride, padding, dilation, len(weight))

    @staticmethod
    def backward(context, gradient):
        x, weight = context.saved_tensors
        stride, padding, dilation = context.sizes
        groups, reach = len(weight), dilation * (weight.shape[-1] - 1)
        apart = gradient
        if stride == 2:
            # As many rows and columns as make the input's again.
            height, width = (side + 2 * padding - reach for side in x.shape[2:])
            apart = gradient.new_zeros((len(gradient), height, width, groups)).permute(0, 3, 1, 2)
            apart[:, :, ::2, ::2] = gradient
        back = torch.nn.functional.conv2d(
            apart, weight.flip(2, 3).to(gradient.dtype), None, 1, reach - padding, dilation, groups)
        count = max(1, len(x) // SHARE)
        some = torch.randperm(len(x))[:count]
        of_weight = torch.ops.aten.convolution_backward(
            gradient[some].float(), x[some].float(), weight, None, (stride, stride), (padding, padding), (dilation, dilation),
            False, (0, 0), groups, (False, True, False))[1]
        return back, of_weight * (len(x) / count), gradient.sum((0, 2, 3)).float(), None, None, None


class Depthwise(nn.Conv2d):
    def __init__(self, width: int, size: int, stride: int = 1, padding: int | None = None, dilation: int = 1):
        super().__init__(width, width, size, stride, dilation * (size // 2) if padding is None else padding, dilation,
                         groups=width)

    def forward(self, x):
        if not (self.training and torch.is_grad_enabled() and (self.kernel_size[0] == 5 or self.stride[0] == 2)):
            return super().forward(x)
        return _Convolution.apply(x, self.weight, self.bias, self.stride[0], self.padding[0], self.dilation[0])
