"""Checkpoints: written beside and renamed, so that a stopped run leaves a whole file. All that a run draws at random
follows from its seed and step, so parameters, optimizer and step are the whole state."""

import os
import pathlib

import torch


def save(file: pathlib.Path, **state):
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".partial")
    torch.save(state, beside)
    os.replace(beside, file)


def load(file: pathlib.Path) -> dict:
    return torch.load(file, map_location="cpu", weights_only=True)
