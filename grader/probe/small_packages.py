"""What programs compute with packages that are not installed here: a configuration read, pixels flattened, an accuracy.

Inert answers would be wrong ones. These do the work, for the few functions and the few options that courses use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import torch

from . import small_yaml

# ---- einops ----------------------------------------------------------------------------------------------------------

REDUCTIONS: dict[str, Any] = {"mean": torch.mean, "sum": torch.sum, "max": torch.amax, "min": torch.amin}


def rearrange(tensor: Any, pattern: str, **sizes: int) -> torch.Tensor:
    """``rearrange(x, "b c h w -> b (c h w)")``: axes split, permuted and joined."""
    return _rearranged(tensor, pattern, sizes, None)


def reduce(tensor: Any, pattern: str, reduction: str, **sizes: int) -> torch.Tensor:
    """``reduce(x, "b c h w -> b c", "mean")``: as rearrange, and axes that are gone on the right are taken together."""
    return _rearranged(tensor, pattern, sizes, reduction)


def _rearranged(tensor: Any, pattern: str, sizes: dict[str, int], reduction: str | None) -> torch.Tensor:
    x = torch.stack(list(tensor)) if isinstance(tensor, (list, tuple)) else tensor
    left, right = (_groups(side) for side in pattern.split("->"))
    if len(left) != x.dim():
        raise ValueError(f"{pattern!r} has {len(left)} axes on the left, the tensor {x.dim()}")
    known = dict(sizes)
    for group, size in zip(left, x.shape, strict=True):
        _solve(group, size, known)
    axes = [axis for group in left for axis in group]
    x = x.reshape([known[axis] for axis in axes])
    kept = [axis for group in right for axis in group]
    gone = tuple(position for position, axis in enumerate(axes) if axis not in kept)
    if gone and reduction is None:
        raise ValueError(f"{pattern!r} loses axes")
    if gone:
        x = REDUCTIONS[str(reduction)](x, dim=gone)
    axes = [axis for axis in axes if axis in kept]
    x = x.permute([axes.index(axis) for axis in kept])
    shape = []
    for group in right:
        size = 1
        for axis in group:
            size *= known[axis]
        shape.append(size)
    return x.reshape(shape)


def _groups(side: str) -> list[list[str]]:
    """``b (c h) w 1`` as [["b"], ["c", "h"], ["w"], []]."""
    parts = re.findall(r"\(([^)]*)\)|(\S+)", side)
    return [[axis for axis in (inside or alone).split() if axis != "1"] for inside, alone in parts]


def _solve(group: list[str], size: int, known: dict[str, int]) -> None:
    """Write the sizes of a group's axes into ``known``: at most one may be open."""
    rest, open_axes = size, [axis for axis in group if axis not in known]
    for axis in group:
        rest //= known.get(axis, 1)
    if len(open_axes) > 1:
        raise ValueError(f"the sizes of {' and '.join(open_axes)} do not follow from the tensor")
    for axis in open_axes:
        known[axis] = rest


class Rearrange(torch.nn.Module):
    def __init__(self, pattern: str, **sizes: int) -> None:
        super().__init__()
        self.pattern, self.sizes = pattern, sizes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return rearrange(x, self.pattern, **self.sizes)


class Reduce(torch.nn.Module):
    def __init__(self, pattern: str, reduction: str, **sizes: int) -> None:
        super().__init__()
        self.pattern, self.reduction, self.sizes = pattern, reduction, sizes

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return reduce(x, self.pattern, self.reduction, **self.sizes)


# ---- scikit-learn ----------------------------------------------------------------------------------------------------


def accuracy_score(y_true: Any, y_pred: Any, *, normalize: bool = True, **_options: Any) -> float:
    right = [int(a == b) for a, b in zip(y_true, y_pred, strict=True)]
    return sum(right) / len(right) if normalize else float(sum(right))


def confusion_matrix(y_true: Any, y_pred: Any, *_positional: Any, **_options: Any) -> Any:
    pairs = [(int(a), int(b)) for a, b in zip(y_true, y_pred, strict=True)]
    size = 1 + max((max(pair) for pair in pairs), default=-1)
    table = torch.zeros(size, size, dtype=torch.long)
    for truth, guess in pairs:
        table[truth, guess] += 1
    return table.numpy()


def train_test_split(*sequences: Any, shuffle: bool = True, random_state: Any = None, **sizes: Any) -> list[Any]:
    """Two parts of each sequence, cut alike. ``stratify`` is not looked at: the classes are as good as equal."""
    count = len(sequences[0])
    order = list(range(count))
    if shuffle:
        generator = torch.Generator().manual_seed(random_state if isinstance(random_state, int) else 0)
        order = torch.randperm(count, generator=generator).tolist()
    tested = _part(sizes.get("test_size"), count)
    if tested is None:
        trained = _part(sizes.get("train_size"), count)
        tested = count - trained if trained is not None else _part(0.25, count)
    cut = count - (tested or 0)
    return [_taken(one, part) for one in sequences for part in (order[:cut], order[cut:])]


def _part(size: Any, count: int) -> int | None:
    return None if size is None else size if isinstance(size, int) else round(size * count)


def _taken(sequence: Any, order: Sequence[int]) -> Any:
    if hasattr(sequence, "shape"):
        return sequence[list(order)]
    return [sequence[position] for position in order]


# ---- torchmetrics ----------------------------------------------------------------------------------------------------


class Mean:
    """A metric that is a sum over a count."""

    def __init__(self, *_positional: Any, top_k: int = 1, **_options: Any) -> None:
        self.top_k = top_k or 1
        self.reset()

    def reset(self) -> None:
        self.sum, self.count = 0.0, 0

    def parts(self, value: Any, *_rest: Any) -> tuple[float, int]:
        value = torch.as_tensor(value, dtype=torch.float32)
        return float(value.sum()), value.numel()

    def update(self, *values: Any) -> None:
        added, counted = self.parts(*values)
        self.sum, self.count = self.sum + added, self.count + counted

    def compute(self) -> torch.Tensor:
        return torch.tensor(self.sum / max(self.count, 1))

    def __call__(self, *values: Any) -> torch.Tensor:
        self.update(*values)
        added, counted = self.parts(*values)
        return torch.tensor(added / max(counted, 1))

    forward = __call__

    def to(self, *_device: Any, **_options: Any) -> Mean:
        return self

    cuda = cpu = to


class Accuracy(Mean):
    def parts(self, value: Any, *rest: Any) -> tuple[float, int]:
        target = rest[0]
        if value.dim() > target.dim():
            best = value.topk(self.top_k, dim=1).indices
            return float((best == target.unsqueeze(1)).any(1).sum()), target.numel()
        return float((value == target).sum()), target.numel()


def accuracy(preds: Any, target: Any, *_positional: Any, **options: Any) -> torch.Tensor:
    return Accuracy(top_k=options.get("top_k", 1))(preds, target)


# ---- dictionaries with attributes ------------------------------------------------------------------------------------


class Attributes(dict[str, Any]):
    """``args = EasyDict({"lr": 0.01}); args.lr``, at any depth."""

    def __init__(self, *positional: Any, **keywords: Any) -> None:
        super().__init__()
        for key, value in dict(*positional, **keywords).items():
            self[key] = value

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, Attributes(value) if type(value) is dict else value)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    __setattr__ = __setitem__


ANSWERS: dict[tuple[str, str], Any] = {
    ("easydict", "EasyDict"): Attributes,
    ("attrdict", "AttrDict"): Attributes,
    ("munch", "Munch"): Attributes,
    ("munch", "munchify"): Attributes,
    ("addict", "Dict"): Attributes,
    ("einops", "rearrange"): rearrange,
    ("einops", "reduce"): reduce,
    ("einops", "Rearrange"): Rearrange,
    ("einops", "Reduce"): Reduce,
    ("sklearn", "accuracy_score"): accuracy_score,
    ("sklearn", "confusion_matrix"): confusion_matrix,
    ("sklearn", "train_test_split"): train_test_split,
    ("torchmetrics", "Accuracy"): Accuracy,
    ("torchmetrics", "MulticlassAccuracy"): Accuracy,
    ("torchmetrics", "accuracy"): accuracy,
    ("torchmetrics", "multiclass_accuracy"): accuracy,
    ("torchmetrics", "MeanMetric"): Mean,
    ("yaml", "load"): small_yaml.load,
    ("yaml", "safe_load"): small_yaml.load,
    ("yaml", "full_load"): small_yaml.load,
    ("yaml", "YAMLError"): small_yaml.YAMLError,
}
