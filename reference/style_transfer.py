"""Neural style transfer: the content loss and the Gram-matrix style loss.

Gatys, Ecker and Bethge, "Image style transfer using convolutional neural networks" (2016), equations 1 to 7. Lecture
001, slides "Neural style transfer". The slide leaves out the paper's 1 / (4 N^2 M^2) and its weights of the layers,
and has 1/2 instead: ``as_on_the_slide``.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

CONTENT_LAYER = "conv4_2"
STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
# VGG-19 (configuration E) without its classifier; the paper found average pools to look better.
GROUPS = ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512, 512, 512, 512))


class Features(nn.Module):
    """The responses of VGG-19 behind each ReLU, by the name of the convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleDict()
        channels = 3
        for number, widths in enumerate(GROUPS, 1):
            for place, width in enumerate(widths, 1):
                self.convs[f"conv{number}_{place}"] = nn.Conv2d(channels, width, kernel_size=3, padding=1)
                channels = width
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:  # 3 x 224 x 224
        found = {}
        for name, conv in self.convs.items():
            if name.endswith("_1") and name != "conv1_1":
                x = self.pool(x)
            x = found[name] = torch.relu(conv(x))  # 64 x 224 x 224, 128 x 112 x 112, 256 x 56 x 56, ...
        return found


def gram(features: Tensor) -> Tensor:
    """G_ij = sum over k of F_ik F_jk: how the maps go together, wherever in the picture."""
    maps = features.flatten(start_dim=2)  # n x N x M
    return maps @ maps.transpose(1, 2)  # n x N x N


def content_loss(generated: Tensor, content: Tensor) -> Tensor:
    return 0.5 * ((generated - content) ** 2).sum()


def style_loss(generated: Tensor, style: Tensor, as_on_the_slide: bool = False) -> Tensor:
    maps, positions = generated.shape[1], generated[0, 0].numel()
    factor = 0.5 if as_on_the_slide else 1 / (4 * maps**2 * positions**2)
    return factor * ((gram(generated) - gram(style)) ** 2).sum()


def total_loss(
    generated: Mapping[str, Tensor], content: Mapping[str, Tensor], style: Mapping[str, Tensor],
    alpha: float = 1.0, beta: float = 1000.0,
) -> Tensor:  # fmt: skip
    style_losses = [style_loss(generated[name], style[name]) for name in STYLE_LAYERS]
    content_part = content_loss(generated[CONTENT_LAYER], content[CONTENT_LAYER])
    return alpha * content_part + beta * torch.stack(style_losses).mean()
