"""The stand-ins that compute: what they answer is what the packages themselves answer."""

from __future__ import annotations

import pytest
import torch

from grader.probe import small_packages, small_yaml
from grader.probe.stand_ins import Inert, InertModule

PICTURES = torch.arange(2 * 3 * 4 * 6.0).reshape(2, 3, 4, 6)

CONFIGURATION = """
# quiz 3
data: {root: ./data, mean: [0.5, 0.25]}
optimizer:
    name: "Adam"      # not SGD
    lr: 1e-3
    amsgrad: no
layers:
- conv: 64
  kernel: 3
- M
-
  - -1
  - 'a # b'
note: see http://example.org/x
empty:
"""


def test_a_configuration_is_read() -> None:
    assert small_yaml.load(CONFIGURATION) == {
        "data": {"root": "./data", "mean": [0.5, 0.25]},
        "optimizer": {"name": "Adam", "lr": 0.001, "amsgrad": False},
        "layers": [{"conv": 64, "kernel": 3}, "M", [-1, "a # b"]],
        "note": "see http://example.org/x",
        "empty": None,
    }


@pytest.mark.parametrize("text", ["a: &anchor 1", "a: [1, 2", "a: {b}", "a: 1\n   b: 2", "a: |"])
def test_a_configuration_beyond_the_small_part_is_refused_rather_than_misread(text: str) -> None:
    with pytest.raises(small_yaml.YAMLError):
        small_yaml.load(text)


def test_axes_are_rearranged() -> None:
    cut = PICTURES.reshape(2, 3, 2, 2, 2, 3)
    for pattern, sizes, expected in (
        ("b c h w -> b (c h w)", {}, PICTURES.flatten(1)),
        ("b c h w -> (b h) w c", {}, PICTURES.permute(0, 2, 3, 1).reshape(8, 6, 3)),
        ("b c (h p) (w q) -> b (h w) (p q c)", {"p": 2, "q": 3}, cut.permute(0, 2, 4, 3, 5, 1).reshape(2, 4, 18)),
    ):
        assert torch.equal(small_packages.rearrange(PICTURES, pattern, **sizes), expected)
        assert torch.equal(small_packages.Rearrange(pattern, **sizes)(PICTURES), expected)


def test_axes_are_reduced() -> None:
    means = small_packages.reduce(PICTURES, "b c h w -> b c", "mean")
    pooled = small_packages.Reduce("b c (h p) (w q) -> b c h w", "max", p=2, q=2)(PICTURES)
    assert torch.equal(means, PICTURES.mean((2, 3)))
    assert torch.equal(pooled, torch.nn.functional.max_pool2d(PICTURES, 2))


@pytest.mark.parametrize(
    ("pattern", "why"),
    [("b c h -> b (c h)", "3 axes"), ("b (x y) h w -> b x y h w", "x and y"), ("b c h w -> b c", "loses axes")],
)
def test_a_pattern_that_does_not_fit_the_tensor_is_an_error(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        small_packages.rearrange(PICTURES, pattern)


def test_scores_are_counted() -> None:
    truth, guess = torch.tensor([0, 1, 2, 2]), torch.tensor([0, 2, 2, 2])
    assert small_packages.accuracy_score(truth, guess) == 0.75
    assert small_packages.confusion_matrix(truth, guess).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 2]]


def test_a_metric_counts_over_all_batches() -> None:
    metric = small_packages.Accuracy(task="multiclass", num_classes=3)
    metric.update(torch.eye(3), torch.tensor([0, 1, 2]))
    assert float(metric(torch.tensor([2]), torch.tensor([0]))) == 0.0
    assert float(metric.compute()) == 0.75


@pytest.mark.parametrize(("sizes", "counts"), [({"test_size": 0.2}, (8, 2)), ({"train_size": 7}, (7, 3)), ({}, (8, 2))])
def test_a_split_takes_every_item_once(sizes: dict[str, float], counts: tuple[int, int]) -> None:
    train, test, train_twice, test_twice = small_packages.train_test_split(
        list(range(10)), torch.arange(10) * 2, random_state=1, **sizes
    )
    assert (len(train), len(test), sorted(train + test)) == (*counts, list(range(10)))
    assert [train_twice.tolist(), test_twice.tolist()] == [[2 * item for item in part] for part in (train, test)]


def test_a_configuration_has_attributes_at_any_depth() -> None:
    found = small_packages.Attributes({"lr": 0.01, "model": {"hidden": 256}}, epochs=3)
    found.model.hidden = 128
    assert (found.lr, found["epochs"], found.model) == (0.01, 3, {"hidden": 128})
    with pytest.raises(AttributeError, match="momentum"):
        _ = found.momentum


def test_bars_of_all_kinds_give_their_items() -> None:
    for package, bar in (("rich", "track"), ("fastprogress", "progress_bar"), ("progressbar", "progressbar")):
        assert list(getattr(InertModule(package), bar)(range(3), description="training")) == [0, 1, 2]
    assert list(InertModule("progressbar").ProgressBar()(range(3))) == [0, 1, 2]
    assert list(InertModule("tqdm.contrib").tenumerate("ab", start=1, total=2)) == [(1, "a"), (2, "b")]


def test_what_computes_is_found_however_it_is_imported() -> None:
    package = InertModule("sklearn")
    assert package.metrics.accuracy_score is small_packages.accuracy_score
    assert InertModule("sklearn.metrics").accuracy_score is small_packages.accuracy_score
    assert isinstance(package.metrics.roc_curve, Inert)
