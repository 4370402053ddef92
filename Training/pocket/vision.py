"""The vision model: Hugging Face's CLIPVisionModel at the sizes of POCKET, seen as tokens for the language model."""

import pathlib

import torch
from torch import nn
from transformers import CLIPVisionConfig, CLIPVisionModel


def configuration() -> CLIPVisionConfig:
    return CLIPVisionConfig(
        hidden_size=192, intermediate_size=768, num_hidden_layers=6, num_attention_heads=3, image_size=256,
        patch_size=16, hidden_act="quick_gelu", projection_dim=192)


class Vision(nn.Module):
    """Pictures [B, 3, 256, 256] → [B, 256, 192]: the last layer's states without class token and without norm."""

    def __init__(self):
        super().__init__()
        self.model = CLIPVisionModel(configuration())

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.model(pictures, output_hidden_states=True).hidden_states[-1][:, 1:]


def load_vision(file: pathlib.Path) -> Vision:
    vision = Vision()
    vision.load_state_dict(torch.load(file, map_location="cpu", weights_only=True)["vision"])
    return vision.eval().requires_grad_(False)
