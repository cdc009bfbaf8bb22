"""The course's data inside the sandbox: a CIFAR10 made lazily from the grader's small arrays, and training loaders that
run out after the step budget, so that loops of any style end by themselves.

The training split says 50,000, as programs count on it. The test split is really as short as it says, so that the whole
of it is tested and every accuracy can be held against the program's own count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy
import torch
from PIL import Image
from torch.utils.data import ConcatDataset, DataLoader, Dataset, TensorDataset

from .cifar_files import CifarFiles
from .vision import torchvision

TEST_IMAGES = 10_000  # of CIFAR-10
TEST_BATCH = 10  # so that the test split has several batches, and accuracies of one of them show
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class Repeated:
    """An array read as if it went on for ``length`` entries."""

    def __init__(self, folder: Path, split: str, length: int) -> None:
        self.images = numpy.load(folder / f"{split}.npy", mmap_mode="r")
        self.labels = numpy.load(folder / f"{split}_labels.npy")
        self.length = length

    def all_images(self) -> Any:
        return self.images[numpy.arange(self.length) % len(self.images)]

    def all_labels(self) -> list[int]:
        return [int(label) for label in self.labels[numpy.arange(self.length) % len(self.labels)]]


def make_cifar10(folder: Path, test_images: int, here: Callable[[], Any]) -> type:  # noqa: C901 - one class, made where its folder is known
    """A class with torchvision.datasets.CIFAR10's constructor, attributes and lengths over the arrays in ``folder``."""

    class CIFAR10(torchvision.datasets.VisionDataset):  # type: ignore[misc]
        base_folder = "cifar-10-batches-py"
        meta: ClassVar[dict[str, Any]] = {"filename": "batches.meta", "key": "label_names"}

        def __init__(
            self,
            root: Any = None,
            train: bool = True,
            transform: Callable[[Any], Any] | None = None,
            target_transform: Callable[[Any], Any] | None = None,
            download: bool = False,
        ) -> None:
            super().__init__(root, transform=transform, target_transform=target_transform)
            self.train = bool(train)
            self._where = here()
            LATEST["train" if self.train else "test"] = self
            self._source = Repeated(folder, "train" if self.train else "test", 50_000 if self.train else test_images)
            self._data: Any = None
            self._targets: list[int] | None = None
            self.classes = list(CLASSES)
            self.class_to_idx = {name: index for index, name in enumerate(CLASSES)}

        @property
        def data(self) -> Any:
            if self._data is None:
                self._data = self._source.all_images()
            return self._data

        @data.setter
        def data(self, value: Any) -> None:
            self._data = value

        @property
        def targets(self) -> list[int]:
            if self._targets is None:
                self._targets = self._source.all_labels()
            return self._targets

        @targets.setter
        def targets(self, value: Any) -> None:
            self._targets = value

        train_data = test_data = data
        train_labels = test_labels = labels = targets

        def __len__(self) -> int:
            return self._source.length if self._data is None else len(self._data)

        def __getitem__(self, index: Any) -> tuple[Any, Any]:
            position = int(index)  # up to 10,000 in the test split too: programs write that number
            if position < 0:
                position += len(self)
            if not 0 <= position < max(len(self), 10_000):
                raise IndexError(f"index {index} is outside the {len(self)} images")
            source = self._source
            pixels = (
                source.images[position % len(source.images)] if self._data is None else self._data[position % len(self)]
            )
            labels = source.labels if self._targets is None else self._targets
            place = position % len(labels)
            image: Any = Image.fromarray(numpy.asarray(pixels))
            label: Any = int(labels[place])
            if self.transform is not None:
                image = self.transform(image)
            if self.target_transform is not None:
                label = self.target_transform(label)
            return image, label

        def __iter__(self) -> Iterator[tuple[Any, Any]]:
            return (self[index] for index in range(len(self)))  # places beyond its end can be asked for, see above

        def download(self) -> None:
            pass

        def _check_integrity(self) -> bool:
            return True

        def extra_repr(self) -> str:
            return f"Split: {'Train' if self.train else 'Test'}"

    return CIFAR10


def split_of(dataset: Any, depth: int = 0) -> str:
    """"train", "test" or "unknown": which split a data set draws from, through subsets and wrappers."""
    if isinstance(dataset, torchvision.datasets.CIFAR10):
        return "train" if dataset.train else "test"
    if depth > 8 or dataset is None:
        return "unknown"
    inner = getattr(dataset, "dataset", None)
    if inner is not None:
        return split_of(inner, depth + 1)
    parts = dataset.datasets if isinstance(dataset, ConcatDataset) else getattr(dataset, "__dict__", {}).values()
    kinds = {split_of(part, depth + 1) for part in parts if isinstance(part, Dataset)} - {"unknown"}
    return "test" if kinds == {"test"} else "train" if "train" in kinds else _split_copied(dataset)


LABELS: dict[str, Any] = {}  # split -> its labels


@dataclass(frozen=True)
class Loaderless:
    """What stands for the loader of a pass that has none."""

    dataset: Any


LATEST: dict[str, Any] = {}  # split -> the CIFAR10 of it that was made last


def _split_copied(dataset: Any) -> str:
    """The split whose labels a data set of the program's own holds a copy of, as a list, an array or a tensor."""
    copies = dataset.tensors if isinstance(dataset, TensorDataset) else getattr(dataset, "__dict__", {}).values()
    for copy in copies:
        if not isinstance(copy, (list, tuple, numpy.ndarray, torch.Tensor)):
            continue
        for split, labels in LABELS.items():
            complete = len(copy) == len(labels) if split == "test" else len(copy) > len(labels)
            if complete and _same_labels(copy[: len(labels)], labels):
                return split
    return "unknown"


def _same_labels(copy: Any, labels: Any) -> bool:
    try:
        found = numpy.asarray(copy)
        return found.shape == labels.shape and bool((found == labels).all())
    except (TypeError, ValueError, RuntimeError):
        return False


def transform_of(dataset: Any, depth: int = 0) -> str:
    transform = getattr(dataset, "transform", None)
    if transform is None and depth < 8 and getattr(dataset, "dataset", None) is not None:
        return transform_of(dataset.dataset, depth + 1)
    return repr(transform)[:2000]


class Batches:
    """An iterator over a loader that runs out when the watcher says so. Has ``next``, as older tutorials call it."""

    def __init__(self, loader: Any, make: Callable[[Any], Iterator[Any]], watcher: Any) -> None:
        self.loader = loader
        self.make = make
        self.inner: Iterator[Any] | None = None
        self.watcher = watcher
        self.session = watcher.open_pass(loader)
        self.done = False

    def __iter__(self) -> Batches:
        return self

    def __len__(self) -> int:
        return len(self.loader)

    @property
    def ran_out(self) -> bool:
        """Are there more batches, which are not given?"""
        return not self.done and not self.watcher.grant(self.session)

    def __next__(self) -> Any:
        self.watcher.loops.asked(self)
        if not self.done and self.watcher.grant(self.session):
            try:
                return self.watcher.take(self.session, self._batch())
            except StopIteration:
                pass
        if not self.done:
            self.done = True
            self.watcher.close_pass(self.session)
        raise StopIteration

    next = __next__

    def _batch(self) -> Any:
        repeated = self.watcher.repeat(self.session)
        if repeated is not None:
            return repeated
        if self.inner is None:
            self.inner = self.make(self.loader)
        return next(self.inner)


def install(folder: Path, watcher: Any, batch_cap: int, test_images: int) -> None:
    """Put the stand-in data set and the loaders that run out in place. ``batch_cap`` 0 leaves batch sizes alone."""
    stand_in = make_cifar10(folder, test_images, watcher.sources.here)
    LABELS["train"] = Repeated(folder, "train", 50_000).labels
    LABELS["test"] = numpy.asarray(Repeated(folder, "test", test_images).all_labels()[:test_images])
    splits = (Repeated(folder, "train", 50_000), Repeated(folder, "test", test_images))
    CifarFiles(*splits, CLASSES).install()
    torchvision.datasets.CIFAR10 = stand_in
    torchvision.datasets.cifar.CIFAR10 = stand_in
    construct, iterate, length = DataLoader.__init__, DataLoader.__iter__, DataLoader.__len__

    def init(self: Any, dataset: Any, batch_size: Any = 1, *positional: Any, **keywords: Any) -> None:
        keywords.update(num_workers=0)
        for name in (
            "prefetch_factor",
            "persistent_workers",
            "multiprocessing_context",
            "worker_init_fn",
            "timeout",
            "pin_memory",
        ):
            keywords.pop(name, None)
        declared = batch_size
        cap = batch_cap
        if split_of(dataset) == "test":  # a batch of half its images stays one of half of those that are there
            part = len(dataset) * batch_size // TEST_IMAGES if isinstance(batch_size, int) else 0
            cap = max(batch_cap, TEST_BATCH, min(part, len(dataset)))
        if batch_cap and not is_whole(dataset, batch_size) and isinstance(batch_size, int) and batch_size > cap:
            batch_size = cap
        construct(self, dataset, batch_size, *positional[:3], **keywords)
        watcher.loader_made(self, declared)

    def iterator(self: Any) -> Any:
        return Batches(self, iterate, watcher)

    def count(self: Any) -> int:
        return int(min(watcher.allowance(self), length(self)))

    DataLoader.__init__ = init
    DataLoader.__iter__ = iterator
    DataLoader.__len__ = count


def is_whole(dataset: Any, batch_size: Any) -> bool:
    """Is the batch meant to hold the whole data set, to be cut up by hand?"""
    length = len(dataset) if hasattr(dataset, "__len__") else 0
    return isinstance(batch_size, int) and length > 0 and (batch_size == length or batch_size >= max(length, 10_000))


def labels_in(batch: Any) -> Any:
    """The labels of a collated batch: its first one-dimensional integer tensor, or None."""
    parts = list(batch.values()) if isinstance(batch, dict) else list(batch) if isinstance(batch, (list, tuple)) else []
    for part in parts:
        if isinstance(part, torch.Tensor) and part.dim() == 1 and not part.is_floating_point():
            return part
    return None


def images_in(batch: Any) -> Any:
    """The images of a collated batch: its first floating tensor of at least two dimensions, or None."""
    parts = list(batch.values()) if isinstance(batch, dict) else list(batch) if isinstance(batch, (list, tuple)) else []
    for part in parts:
        if isinstance(part, torch.Tensor) and part.dim() >= 2:
            return part.detach().clone()
    return None


def root_of(dataset: Any, depth: int = 0) -> Any:
    """The CIFAR10 under subsets and wrappers, or None."""
    if isinstance(dataset, torchvision.datasets.CIFAR10) or depth > 8 or dataset is None:
        return dataset if depth <= 8 else None
    return root_of(getattr(dataset, "dataset", None), depth + 1)


def size_of_split(dataset: Any, depth: int = 0) -> int:
    """The length of the whole split that a data set draws from, or its own where that is not known."""
    if isinstance(dataset, torchvision.datasets.CIFAR10) or depth > 8 or getattr(dataset, "dataset", None) is None:
        return len(dataset) if hasattr(dataset, "__len__") else 0
    return size_of_split(dataset.dataset, depth + 1)
