"""A ten-class set of 32 x 32 colour images, generated: the stand-in where no CIFAR-10 is named.

A class is an orientation of a grating and the colour that goes with it; phase, frequency, contrast, position of the
colour and noise vary from image to image. The phase is random, so the mean image of every class is nearly the same
grey and a linear model has little to hold on to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CLASSES = 10
SIDE = 32
NOISE = 0.16
TINT = 0.10


def split(train: bool, count: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`count` images (N, 32, 32, 3) and labels (N,), classes balanced and shuffled; the same on every call."""
    import numpy as np

    random = np.random.default_rng([seed, 0 if train else 1])
    labels = random.permutation(np.arange(count, dtype=np.int64) % CLASSES)
    angles = (labels % 5) * (np.pi / 5) + random.normal(0.0, 0.10, count)
    cycles = random.uniform(3.0, 5.0, count)
    axis = np.linspace(-0.5, 0.5, SIDE, dtype=np.float32)
    along = np.cos(angles)[:, None, None] * axis[None, None, :] + np.sin(angles)[:, None, None] * axis[None, :, None]
    phase = random.uniform(0.0, 2 * np.pi, count)[:, None, None]
    waves = np.sin(2 * np.pi * cycles[:, None, None] * along + phase).astype(np.float32)
    # Two families share the five orientations: their stripes differ in colour, but the sign of the stripe is random.
    colours = np.where((labels // 5)[:, None] == 0, [[1.0, 0.3, -0.6]], [[-0.6, 0.3, 1.0]])
    contrast = random.uniform(0.12, 0.24, count)[:, None]
    tints = random.normal(0.0, TINT, (count, 3))
    images = waves[..., None] * (colours * contrast)[:, None, None, :].astype(np.float32)
    images += (0.5 + tints)[:, None, None, :].astype(np.float32)
    images += NOISE * random.standard_normal(images.shape, dtype=np.float32)
    return (images.clip(0.0, 1.0) * 255).astype(np.uint8), labels
