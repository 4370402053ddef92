"""The published start of the trunk for stuff: MOSAIC (MLCommons mobile_models, Apache-2.0) as a quantised TFLite file, read
as numbers in 32 bit."""

import pathlib

import numpy
import torch

from .segmenter import BOTTLENECKS, DEVIATION, GRIDS, MEAN, Segmenter


def _layers() -> list[str]:
    """Our convolutions in the order of the file's."""
    out = ["stem"]
    for place in range(len(BOTTLENECKS)):
        out += [f"blocks.{place}.{part}" for part in ("expand", "depthwise", "project")]
    out += ["context_in", "quarter_out"]
    for place in range(len(GRIDS)):
        out += [f"grids.{place}.{part}" for part in ("small_depthwise", "small_out", "large_depthwise", "large_out")]
    return [*out, "context_out", "eighth", "eighth_depthwise", "eighth_out"]


def _convolutions(file: pathlib.Path) -> list[tuple[numpy.ndarray, numpy.ndarray]]:
    """Weights [out, in, size, size] and biases of the file's convolutions, in order."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(file.read_bytes(), 0))
    graph = model.subgraphs[0]
    kinds = {schema.TensorType.UINT8: numpy.uint8, schema.TensorType.INT8: numpy.int8, schema.TensorType.INT32: numpy.int32}

    def numbers(index: int) -> numpy.ndarray:
        tensor = graph.tensors[index]
        values = numpy.asarray(model.buffers[tensor.buffer].data).view(kinds[tensor.type]).reshape(tensor.shape)
        scale, zero = (numpy.asarray(each) for each in (tensor.quantization.scale, tensor.quantization.zeroPoint))
        shape = [1] * values.ndim
        if len(scale) > 1:
            shape[tensor.quantization.quantizedDimension] = -1
        return ((values - zero.reshape(shape).astype(float)) * scale.reshape(shape)).astype(numpy.float32)

    out = []
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        kind = max(code.builtinCode, code.deprecatedBuiltinCode)
        if kind == schema.BuiltinOperator.CONV_2D:
            out.append((numbers(operator.inputs[1]).transpose(0, 3, 1, 2), numbers(operator.inputs[2])))
        elif kind == schema.BuiltinOperator.DEPTHWISE_CONV_2D:
            out.append((numbers(operator.inputs[1]).transpose(3, 0, 1, 2), numbers(operator.inputs[2])))
    return out


@torch.no_grad()
def start(segmenter: Segmenter, file: pathlib.Path):
    """Puts the published weights into the trunk for stuff; all else stays as it is."""
    modules = dict(segmenter.stuff.named_modules())
    for name, (weight, bias) in zip(_layers(), _convolutions(file), strict=True):
        weight, bias = torch.from_numpy(weight.copy()), torch.from_numpy(bias)
        if name == "stem":
            # It reads bytes b as b / 127.5 − 1, ours as (b − mean) / deviation.
            mean, deviation = torch.tensor(MEAN)[:, None, None], torch.tensor(DEVIATION)[:, None, None]
            bias = bias + (weight * (mean / 127.5 - 1)).sum((1, 2, 3))
            weight = weight * deviation / 127.5
        modules[name].weight.copy_(weight)
        modules[name].bias.copy_(bias)
