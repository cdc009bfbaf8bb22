"""SRCNN: super-resolution by three convolutions on the enlarged luminance.

Dong, Loy, He and Tang, "Learning a deep convolutional network for image super-resolution" (2014), sections 3.1 and 4.1;
the larger middle filters are those of "Image super-resolution using deep convolutional networks" (2016), section 4.2.1.
Lecture 002 (final slides of the image tasks), slide "SRCNN (ECCV 2014)".
"""

from __future__ import annotations

from torch import Tensor, nn

# f1, f2, f3; 8,032, 24,416 and 57,184 weights.
FILTERS = {"9-1-5": (9, 1, 5), "9-3-5": (9, 3, 5), "9-5-5": (9, 5, 5)}


class SRCNN(nn.Module):
    """``padded`` keeps the picture's size; the paper trains without, so that no border counts."""

    def __init__(self, filters: str = "9-1-5", channels: int = 1, padded: bool = True) -> None:
        super().__init__()
        f1, f2, f3 = FILTERS[filters]
        half = 2 if padded else 10**6
        self.extract = nn.Conv2d(channels, 64, kernel_size=f1, padding=f1 // half)
        self.map = nn.Conv2d(64, 32, kernel_size=f2, padding=f2 // half)
        self.reconstruct = nn.Conv2d(32, channels, kernel_size=f3, padding=f3 // half)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # 1 x 33 x 33, enlarged by bicubic interpolation
        x = self.relu(self.extract(x))  # 64 x 33 x 33 (25 x 25 without padding)
        x = self.relu(self.map(x))  # 32 x 33 x 33 (25 x 25)
        x = self.reconstruct(x)  # 1 x 33 x 33 (21 x 21)
        return x


def srcnn(filters: str = "9-1-5", padded: bool = True) -> SRCNN:
    return SRCNN(filters, padded=padded)
