"""Batches that no loader gave, CIFAR-10's own files, and how loops over them end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import programs
import pytest
import torch
from programs import DATA, NETWORK, TEST, TRAIN, line_of, run

from grader import records
from grader.pipeline import TEST_IMAGES
from grader.probe import main

STEPS = 4
ARRAYS = """\
def tensors(data):
    return torch.tensor(data.data).permute(0, 3, 1, 2).float() / 127.5 - 1, torch.tensor(data.targets)
x_train, y_train = tensors(train_set)
x_test, y_test = tensors(test_set)
"""
TRAIN_BY_HAND = """\
for epoch in range(3):
    order = torch.randperm(len(x_train))
    for start in range(0, len(x_train), 4):
        batch = order[start:start + 4]
        optimizer.zero_grad()
        loss = loss_function(net(x_train[batch]), y_train[batch])
        loss.backward()
        optimizer.step()
"""
TEST_BY_HAND = """\
correct = 0
with torch.no_grad():
    for start in range(0, len(x_test), 16):
        correct += (net(x_test[start:start + 16]).argmax(1) == y_test[start:start + 16]).sum().item()
print(correct / len(x_test))
"""
HEAD = NETWORK + DATA + ARRAYS


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with programs.course_data() as folder:
        yield folder


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    main.load_package()
    from grader_probe import pictures  # type: ignore[import-not-found]

    found: ModuleType = pictures
    return found


def passes_of(found: records.Evidence) -> list[records.TestPass]:
    return [one for one in found.tests if one.split == "test" and one.samples]


def labels_of(found: records.Evidence) -> list[tuple[list[int], list[int]]]:
    """Of each recorded step the labels of its pictures, and those that the loss was given."""
    assert found.training is not None
    steps = found.training.steps
    return [(found.tensors[f"{one.labels}"].tolist(), found.tensors[f"{one.targets}"].tolist()) for one in steps]


def test_training_and_test_on_slices_are_seen_like_those_of_loaders(data: Path) -> None:
    found = run(HEAD + TRAIN_BY_HAND + TEST_BY_HAND, data)
    [one] = passes_of(found)
    assert (found.ended, len(labels_of(found)), one.complete, one.samples) == ("finished", STEPS, True, TEST_IMAGES)
    assert one.printed == (str(one.correct / TEST_IMAGES),)
    assert all(own == given for own, given in labels_of(found))
    assert found.training is not None
    assert not found.training.on_test_data


def test_gradients_cleared_before_a_batch_by_hand_belong_to_its_step(data: Path) -> None:
    program = HEAD + "with torch.no_grad(): net(x_test[:8])\n" + TRAIN_BY_HAND
    found = run(program, data)
    assert found.training is not None
    kinds = [[one.kind for one in step.events] for step in found.training.steps]
    assert kinds == [["zero_grad", "loss", "backward", "step"]] * STEPS


def test_labels_of_other_pictures_differ_from_those_of_the_pictures(data: Path) -> None:
    found = run(HEAD + TRAIN_BY_HAND.replace("y_train[batch]", "y_train[batch - 1]"), data)
    assert any(own != given for own, given in labels_of(found))


def test_slices_of_test_pictures_in_training_are_known(data: Path) -> None:
    found = run(HEAD + TRAIN_BY_HAND.replace("_train", "_test"), data)
    assert found.training is not None
    assert found.training.on_test_data


def test_a_test_by_hand_that_stops_is_not_complete(data: Path) -> None:
    half = TEST_BY_HAND.replace("len(x_test), 16", "len(x_test) // 2, 16")
    [one] = passes_of(run(HEAD + TRAIN_BY_HAND + half, data))
    assert (one.complete, one.samples < TEST_IMAGES) == (False, True)


def test_a_preview_from_a_loader_does_not_explain_batches_by_hand(data: Path) -> None:
    found = run(HEAD + "images, labels = next(iter(train_loader))\n" + TRAIN_BY_HAND + TEST_BY_HAND, data)
    assert (len(labels_of(found)), [one.complete for one in passes_of(found)]) == (STEPS, [True])
    assert all(own == given for own, given in labels_of(found))


def test_a_loop_without_a_step_has_its_batches_told_apart(data: Path) -> None:
    found = run(HEAD + TRAIN_BY_HAND.replace("        optimizer.step()\n", "") + TEST_BY_HAND, data)
    assert (len(labels_of(found)), [one.complete for one in passes_of(found)]) == (STEPS, [True])


def test_very_long_training_by_hand_is_answered_from_memory_and_tested_after(data: Path) -> None:
    program = HEAD + TRAIN_BY_HAND.replace("range(3)", "range(2000)") + TEST_BY_HAND
    found = programs.run_within(program, data, cpu_s=20, wall_s=60)
    assert (found.ended, [one.complete for one in passes_of(found)]) == ("finished", [True])


def test_looks_at_the_training_pictures_end_and_tests_do_not(data: Path) -> None:
    look = TEST_BY_HAND.replace("_test", "_train").replace("print", "str")
    found = run(HEAD + TRAIN_BY_HAND + look + TEST_BY_HAND, data)
    looks = [one.batches for one in found.tests if one.split == "train"]
    assert (looks, [one.complete for one in passes_of(found)]) == ([STEPS], [True])


def test_the_same_test_of_the_same_weights_counts_the_same_again(data: Path) -> None:
    first, second = passes_of(run(HEAD + TRAIN_BY_HAND + TEST_BY_HAND + TEST_BY_HAND, data))
    assert (first.correct, first.samples, first.complete) == (second.correct, second.samples, second.complete)


def test_memory_is_of_no_use_after_the_weights_have_changed(data: Path) -> None:
    change = "torch.nn.init.zeros_(net.fc.weight); net.fc.bias.data = torch.arange(10.0)\n"
    program = HEAD + TRAIN_BY_HAND + TEST_BY_HAND + change + TEST_BY_HAND
    last = passes_of(run(program, data))[-1]
    expected = sum(label == 9 for label in np.load(data / "test_labels.npy").tolist())
    assert (last.correct, last.printed) == (expected, (str(expected / TEST_IMAGES),))


def test_a_loop_that_trains_until_the_network_is_good_ends(data: Path) -> None:
    until = "accuracy = 0\nwhile accuracy < 0.99:\n" + "".join(f"    {one}\n" for one in TRAIN.splitlines())
    found = programs.run_within(NETWORK + DATA + until + TEST, data, cpu_s=30, wall_s=90)
    assert (found.ended, [one.complete for one in passes_of(found)]) == ("finished", [True])


def test_a_batch_made_in_inference_mode_is_not_trained_on(data: Path) -> None:
    look = "    with torch.inference_mode():\n        for images, labels in train_loader:\n            net(images)\n"
    found = run(NETWORK + DATA + TRAIN.replace("range(2)", "range(6)") + look + TEST, data)
    assert (found.ended, found.failures) == ("finished", ())


def test_a_data_set_that_only_iterates_is_known_by_its_pictures(data: Path) -> None:
    stream = (
        "class Stream(torch.utils.data.IterableDataset):\n"
        "    def __init__(self, pairs):\n        self.pairs = [pair for pair in pairs]\n"
        "    def __iter__(self):\n        return iter(self.pairs)\n"
        "test_loader = torch.utils.data.DataLoader(Stream(test_set), batch_size=16)\n"
    )
    [one] = passes_of(run(NETWORK + DATA + stream + TRAIN + TEST, data))
    assert (one.complete, one.samples) == (True, TEST_IMAGES)


def test_a_loader_of_the_whole_training_set_in_one_batch_gives_all_of_it(data: Path) -> None:
    whole = "x, y = next(iter(torch.utils.data.DataLoader(train_set, batch_size=len(train_set))))\nprint(len(x))\n"
    assert run(NETWORK + DATA + whole, data).output_head.split()[-1] == "50000"


# ---- pictures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["upright", "flipped", "on its side", "torn"])
def test_pictures_are_known_in_every_form_and_scale(data: Path, pictures: ModuleType, form: str) -> None:
    known = pictures.Pictures(data, TEST_IMAGES)
    images = torch.from_numpy(np.load(data / "test.npy")[5:9]).permute(0, 3, 1, 2).float()
    scaled = pictures.FORMS[form](images) / 255 * 1.7 - 0.4
    found = known.identify(scaled)
    assert (found.split, found.numbers) == ("test", (5, 6, 7, 8))
    assert found.labels.tolist() == np.load(data / "test_labels.npy")[5:9].tolist()


def test_what_is_no_picture_of_the_course_is_not_known(data: Path, pictures: ModuleType) -> None:
    known = pictures.Pictures(data, TEST_IMAGES)
    torch.manual_seed(0)
    assert [known.identify(one) for one in (torch.randn(4, 3, 32, 32), torch.zeros(2, 10), None)] == [None] * 3


# ---- CIFAR-10's own files ----------------------------------------------------------------------------------------

FILES = """\
import os, pickle
from pathlib import Path
folder = '/content/somewhere/cifar-10-batches-py'
"""
QUESTIONS = {
    "whether the folder is there": ("print(os.path.isdir(folder), Path(folder).exists())", "True True"),
    "whether a file is there": ("print(os.path.isfile(folder + '/test_batch'), os.path.exists('x/data_batch_3'))",
                                "True True"),
    "what the folder holds": ("print(len(os.listdir(folder)), len([*Path(folder).iterdir()]))", "7 7"),
    "a walk": ("print([len(names) for _, _, names in os.walk(folder)])", "[7]"),
    "a pattern": ("print(len([*Path(folder).glob('data_batch_*')]))", "5"),
    "a size": ("print(os.path.getsize(folder + '/data_batch_1'))", "31035704"),
    "bytes": ("print(*sorted(pickle.load(open(folder + '/test_batch', 'rb'), encoding='bytes')))",
              "b'batch_label' b'data' b'filenames' b'labels'"),
    "latin1": ("print(pickle.loads(Path(folder, 'data_batch_2').read_bytes(), encoding='latin1')['data'].shape)",
               "(10000, 3072)"),
    "the names of the classes": (
        "print(pickle.load(open(folder + '/batches.meta', 'rb'), encoding='latin1')['label_names'][9])", "truck"),
    "a download": ("import urllib.request, tarfile\n"
                   "urllib.request.urlretrieve('https://x/cifar-10-python.tar.gz', 'cifar-10-python.tar.gz')\n"
                   "with tarfile.open('cifar-10-python.tar.gz') as tar: tar.extractall()\nprint('done')", "done"),
    "a download by a shell": ("import subprocess\nsubprocess.run('wget https://x/y.tar.gz', shell=True, check=True)\n"
                              "print(os.system('tar xf y.tar.gz'))", "0"),
    "a file of its own": ("open('test_batch', 'wb').write(b'mine')\nprint(open('test_batch', 'rb').read())",
                          "b'mine'"),
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_files_of_cifar10_are_there(data: Path, question: str) -> None:
    program, answer = QUESTIONS[question]
    found = run(NETWORK + FILES + program, data)
    assert (found.failures, found.output_head.strip()) == ((), answer)


def test_the_test_file_is_the_test_split_and_the_others_are_ten_thousand_long(data: Path) -> None:
    read = "load = lambda name: pickle.load(open(folder + '/' + name, 'rb'), encoding='bytes')\n"
    count = "print(*(len(load(name)[b'labels']) for name in ('data_batch_1', 'data_batch_5', 'test_batch')))\n"
    assert run(NETWORK + FILES + read + count, data).output_head.split() == ["10000", "10000", str(TEST_IMAGES)]


def test_the_place_of_a_test_by_hand_is_where_the_network_is_asked(data: Path) -> None:
    program = HEAD + TRAIN_BY_HAND + TEST_BY_HAND
    [one] = passes_of(run(program, data))
    assert one.where is not None
    assert one.where.line == line_of(program, "correct += (net(x_test")
