"""The vision model: Hugging Face's CLIPVisionModel at the sizes of POCKET, seen as tokens for the language model."""

import math
import pathlib

import torch
from safetensors.torch import load_file
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


@torch.no_grad()
def start_from_cosines(vision: Vision):
    """Starts the tokens as the patches' low cosine frequencies, 63 of each colour channel, and every layer as the
    identity. So a token tells the colour of its cell before anything is learned, and layers learn what to add.

    The norm in front of the layers would take brightness away; so two of the columns that are left over hold large
    constants, which make its scale nearly one number for all tokens."""
    embeddings, patch = vision.model.embeddings, 16
    line = (torch.arange(patch) + 0.5) * math.pi / patch
    waves = torch.stack([torch.cos(k * line) for k in range(8)])
    waves = waves / waves.norm(dim=1, keepdim=True)
    basis = torch.einsum("uy,vx->uvyx", waves, waves).reshape(64, patch, patch)[:63] / patch
    weight = torch.zeros_like(embeddings.patch_embedding.weight)
    for channel in range(3):
        weight[63 * channel:63 * (channel + 1), channel] = basis
    embeddings.patch_embedding.weight.copy_(weight)
    embeddings.class_embedding.zero_()
    constants = torch.zeros(weight.shape[0])
    constants[189], constants[190] = 8, -8
    embeddings.position_embedding.weight.copy_(constants.expand_as(embeddings.position_embedding.weight))
    for layer in vision.model.encoder.layers:
        for linear in (layer.self_attn.out_proj, layer.mlp.fc2):
            linear.weight.zero_()
            linear.bias.zero_()


def load_vision(path: pathlib.Path) -> Vision:
    """From vision.pt of a run, or from an exported folder (Pipelines/pocket/vision)."""
    vision = Vision()
    if path.is_dir():
        tensors = load_file(path / "model.safetensors")
        vision.model.load_state_dict(
            {name.removeprefix("vision_model."): tensor.float() for name, tensor in tensors.items()})
    else:
        vision.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["vision"])
    return vision.eval().requires_grad_(False)
