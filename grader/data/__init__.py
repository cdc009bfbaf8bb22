"""Images and labels: CIFAR-10 from disk where a folder is named, the generated stand-in otherwise."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from grader.data import cifar10, synthetic

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def load(folder: Path | None, train: bool, count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`count` images (N, 32, 32, 3) and their labels (N,)."""
    if folder is None:
        images, labels = _generated(train, count)
        return images.copy(), labels.copy()
    return cifar10.read(folder, train, count)


_generated = functools.lru_cache(maxsize=4)(synthetic.split)  # 20 ms, and the same for every submission
