"""The published start of the trunk: NanoDet-Plus-m-1.5x (RangiLyu/nanodet, Apache-2.0) as an ncnn graph's weights."""

import pathlib

import numpy
import torch

from .segmenter import Segmenter


def _names() -> dict[str, str]:
    """Our convolutions and the layers of the published graph that they start as."""
    out = {"trunk.stem": "convrelu_0"}
    depthwise, point = 161, 1
    for stage, count in enumerate((4, 8, 4)):
        prefix = f"trunk.stages.{stage}.0"
        out |= {f"{prefix}.left_depthwise": f"convdw_{depthwise}", f"{prefix}.left_out": f"convrelu_{point + 2}",
                f"{prefix}.right_in": f"convrelu_{point}", f"{prefix}.right_depthwise": f"convdw_{depthwise + 1}",
                f"{prefix}.right_out": f"convrelu_{point + 1}"}
        depthwise, point = depthwise + 2, point + 3
        for unit in range(1, count):
            prefix = f"trunk.stages.{stage}.{unit}"
            out |= {f"{prefix}.right_in": f"convrelu_{point}", f"{prefix}.right_depthwise": f"convdw_{depthwise}",
                    f"{prefix}.right_out": f"convrelu_{point + 1}"}
            depthwise, point = depthwise + 1, point + 2
    out |= {"trunk.reduce.2": "convrelu_36", "trunk.reduce.1": "convrelu_37", "trunk.reduce.0": "convrelu_39"}
    blocks = {"top_down.0": ("convrelu_38", "convdwrelu_0", "conv_60", "convdw_181", "convdw_182", "conv_61"),
              "top_down.1": ("convrelu_40", "convdwrelu_1", "conv_63", "convdw_184", "convdw_185", "conv_64"),
              "bottom_up.0": ("convrelu_42", "convdwrelu_3", "conv_67", "convdw_188", "convdw_189", "conv_68"),
              "bottom_up.1": ("convrelu_44", "convdwrelu_5", "conv_71", "convdw_192", "convdw_193", "conv_72")}
    parts = ("first", "first_ghost", "second", "second_ghost", "short_depthwise", "short_out")
    for block, layers in blocks.items():
        out |= {f"trunk.{block}.{part}": layer for part, layer in zip(parts, layers)}
    separable = {"trunk.down.0": ("convdwrelu_2", "convrelu_41"), "trunk.down.1": ("convdwrelu_4", "convrelu_43"),
                 "trunk.extra_in": ("convdwrelu_6", "convrelu_46"), "trunk.extra_out": ("convdwrelu_7", "convrelu_45"),
                 "detect.0.first": ("convdwrelu_8", "convrelu_47"), "detect.0.second": ("convdwrelu_9", "convrelu_54"),
                 "detect.1.first": ("convdwrelu_10", "convrelu_48"), "detect.1.second": ("convdwrelu_11", "convrelu_53"),
                 "detect.2.first": ("convdwrelu_12", "convrelu_49"), "detect.2.second": ("convdwrelu_13", "convrelu_52"),
                 "detect.3.first": ("convdwrelu_14", "convrelu_50"), "detect.3.second": ("convdwrelu_15", "convrelu_51")}
    for name, (first, second) in separable.items():
        out |= {f"{name}.depthwise": first, f"{name}.pointwise": second}
    return out | {"detect.0.out": "conv_77", "detect.1.out": "conv_80", "detect.2.out": "conv_83", "detect.3.out": "conv_86"}


@torch.no_grad()
def start(segmenter: Segmenter, file: pathlib.Path):
    """Puts the published weights into trunk and detection heads; the branches stay as they are."""
    published = numpy.load(file)
    modules = dict(segmenter.named_modules())
    for name, layer in _names().items():
        convolution = modules[name]
        weight = torch.from_numpy(published[f"{layer}_w"].astype(numpy.float32))
        if name == "trunk.stem":
            weight = weight.flip(1)  # it reads blue first
        convolution.weight.copy_(weight.reshape(convolution.weight.shape))
        convolution.bias.copy_(torch.from_numpy(published[f"{layer}_b"].astype(numpy.float32)))
