"""The generated images, and CIFAR-10 from disk."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path

import numpy as np
import pytest

from grader.data import cifar10, load, synthetic
from grader.errors import UsageError


def test_the_generated_images_are_the_same_on_every_call() -> None:
    first, second = synthetic.split(True, 50), synthetic.split(True, 50)
    assert [np.array_equal(a, b) for a, b in zip(first, second, strict=True)] == [True, True]


def test_the_splits_and_seeds_differ() -> None:
    train, test, other = (synthetic.split(True, 20), synthetic.split(False, 20), synthetic.split(True, 20, seed=1))
    assert not np.array_equal(train[0], test[0])
    assert not np.array_equal(train[0], other[0])


def test_images_are_bytes_with_channels_last_and_classes_are_balanced() -> None:
    images, labels = synthetic.split(True, 200)
    assert (images.shape, images.dtype, labels.dtype) == ((200, 32, 32, 3), np.uint8, np.int64)
    assert np.bincount(labels).tolist() == [20] * 10
    assert labels[:10].tolist() != sorted(labels[:10].tolist())


def test_512_images_are_made_quickly() -> None:
    synthetic.split(True, 8)
    start = time.process_time()
    synthetic.split(True, 512)
    assert time.process_time() - start < 0.5


def test_no_folder_means_generated_images() -> None:
    assert np.array_equal(load(None, True, 12)[0], synthetic.split(True, 12)[0])


def test_a_folder_without_cifar_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"found no folder cifar-10-batches-py at .*expected it.*Unpack"):
        load(tmp_path, True, 4)


def test_an_incomplete_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / cifar10.FOLDER).mkdir()
    with pytest.raises(UsageError, match=r"data_batch_1 missing or damaged.*Unpack the archive again"):
        cifar10.read(tmp_path / cifar10.FOLDER, True, None)


def write_batch(folder: Path, name: str, content: object) -> None:
    (folder / cifar10.FOLDER).mkdir(exist_ok=True)
    (folder / cifar10.FOLDER / name).write_bytes(pickle.dumps(content, protocol=2))


def test_batches_are_read_in_order_with_channels_last(tmp_path: Path) -> None:
    pixels = np.arange(4 * 3072, dtype=np.uint32).astype(np.uint8).reshape(4, 3072)
    for number in range(1, 6):
        write_batch(tmp_path, f"data_batch_{number}", {"data": pixels + number, "labels": [number, 1, 2, 3]})
    images, labels = cifar10.read(tmp_path, True, None)
    assert (images.shape, labels[::4].tolist()) == ((20, 32, 32, 3), [1, 2, 3, 4, 5])
    assert np.array_equal(images[0], (pixels[0] + 1).reshape(3, 32, 32).transpose(1, 2, 0))
    assert cifar10.read(tmp_path / cifar10.FOLDER, True, 6)[1].tolist() == [1, 1, 2, 3, 2, 1]


def test_a_pickle_that_would_run_something_is_refused(tmp_path: Path) -> None:
    write_batch(tmp_path, "test_batch", {"data": os.getcwd, "labels": []})
    with pytest.raises(UsageError, match="which is no array"):
        cifar10.read(tmp_path, False, None)
