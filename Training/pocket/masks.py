"""From a region's vector to its mask: four prompt tokens and SAM's mask decoder, small, over the segmenter's map."""

import torch
from torch import nn
from torch.nn import functional as F
from transformers import SamConfig
from transformers.models.sam.modeling_sam import SamMaskDecoder, SamPromptEncoder

from .regions import _two_linears
from .segmenter import SEMANTIC

WIDTH, CELLS, PROMPTS = 64, 32, 4
IMAGE = 256


def configuration() -> SamConfig:
    return SamConfig(
        vision_config=dict(hidden_size=WIDTH, num_pos_feats=WIDTH // 2, scale=1.0, image_size=IMAGE,
                           patch_size=IMAGE // CELLS, output_channels=WIDTH),
        prompt_encoder_config=dict(hidden_size=WIDTH, image_size=IMAGE, patch_size=IMAGE // CELLS,
                                   image_embedding_size=CELLS),
        mask_decoder_config=dict(hidden_size=WIDTH, mlp_dim=2 * WIDTH, num_hidden_layers=2, num_attention_heads=4,
                                 attention_downsample_rate=2, iou_head_hidden_dim=WIDTH))


class Masks(nn.Module):
    def __init__(self, width: int = 576):
        super().__init__()
        config = configuration()
        self.mask_features = nn.Conv2d(SEMANTIC, WIDTH, 1)
        self.mask_prompt = _two_linears(width, width, PROMPTS * WIDTH)
        self.prompt_encoder = SamPromptEncoder(config)
        self.mask_decoder = SamMaskDecoder(config.mask_decoder_config)

    def forward(self, coarse: torch.Tensor, boxes: torch.Tensor, hidden: torch.Tensor | None):
        """coarse [128, 64, 64] of one picture (the segmenter's, at stride 8), boxes [N, 4] as fractions, hidden [N, 576]
        at the triggers, or none for the box alone → mask logits [N, 128, 128], predicted IoU [N]."""
        embedding = F.avg_pool2d(self.mask_features(coarse[None]), 2)
        # As SAM: a corner is the middle of its pixel, which the encoder adds.
        corners = (boxes * IMAGE - 0.5)[None]
        sparse = torch.cat([self.prompt_encoder._embed_boxes(corners)], 2)  # [1, N, 2, 64]
        if hidden is not None:
            sparse = torch.cat([self.mask_prompt(hidden).reshape(1, len(boxes), PROMPTS, WIDTH), sparse], 2)
        dense = self.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(1, -1, CELLS, CELLS)
        masks, iou = self.mask_decoder(embedding, self._places(), sparse, dense, False)
        return masks[0, :, 0], iou[0, :, 0]

    def _places(self):
        line = (torch.arange(CELLS, device=self.prompt_encoder.no_mask_embed.weight.device) + 0.5) / CELLS
        y, x = torch.meshgrid(line, line, indexing="ij")
        return self.prompt_encoder.shared_embedding(
            torch.stack([x, y], -1)[None]).permute(0, 3, 1, 2)
