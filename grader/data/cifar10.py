"""CIFAR-10 from the instructor's disk, in its standard form (cifar-10-batches-py); never downloaded.

The batches are pickles. They are read with an unpickler that knows arrays and nothing else, so a file that holds
anything but images and labels is refused, not run.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDER = "cifar-10-batches-py"
TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = ("test_batch",)
_ARRAYS = {("_reconstruct", "multiarray"), ("ndarray", "numpy"), ("dtype", "numpy"), ("encode", "_codecs")}


def read(folder: Path, train: bool, count: int | None) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The first `count` images (N, 32, 32, 3) and labels of a split, or all of them."""
    import numpy as np

    root = folder if folder.name == FOLDER else folder / FOLDER
    if not root.is_dir():
        raise UsageError(
            f"found no folder {FOLDER} at {folder}; expected it, or the folder that holds it. "
            "Unpack cifar-10-python.tar.gz there, or leave the data folder out to use the generated images."
        )
    images: list[NDArray[np.uint8]] = []
    labels: list[int] = []
    for name in TRAIN if train else TEST:
        pixels, classes = _batch(root / name)
        images.append(pixels)
        labels += classes
        if count is not None and len(labels) >= count:
            break
    stacked = np.concatenate(images).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)[:count]
    return np.ascontiguousarray(stacked), np.asarray(labels[:count], dtype=np.int64)


def _batch(path: Path) -> tuple[NDArray[np.uint8], list[int]]:
    import numpy as np

    try:
        with path.open("rb") as file:
            content = _ArrayUnpickler(file, encoding="latin1").load()
        pixels, labels = np.asarray(content["data"], dtype=np.uint8), [int(label) for label in content["labels"]]
        if pixels.shape != (len(labels), 3 * 32 * 32):
            raise ValueError(f"its data have the shape {pixels.shape}")
    except (OSError, pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"found {path} missing or damaged ({error}); expected the files of cifar-10-python.tar.gz. "
            "Unpack the archive again."
        ) from error
    return pixels, labels


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (name, module.rsplit(".", 1)[-1]) not in _ARRAYS or module.split(".")[0] not in ("numpy", "_codecs"):
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no array")
        # numpy 1 wrote numpy.core, numpy 2 keeps the same function at numpy._core
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)
