"""Functions of one variable, recognised by their values on a grid and not by their names.

``relu(x)``, ``clamp(x, min=0)``, ``x * (x > 0)`` and ``(x + |x|) / 2`` are one function; leaky, elu, hardtanh, sigmoid
and affine maps are told apart with their parameters; what is unknown is named by a hash of its values.
"""

from __future__ import annotations

import hashlib
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

# Uneven, so that no period or symmetry hides a difference; 0 and far points for clamps and saturations.
GRID = torch.cat(
    [
        torch.linspace(-7.13, 7.29, 173, dtype=torch.float64),
        torch.tensor([0.0, 1.0, -1.0, 2.0, 3.0, 6.0, -3.0, 25.0, -25.0, 300.0, -300.0], dtype=torch.float64),
    ]
).sort()[0]
_TOLERANCE = 1e-5


def _at(values: Tensor, point: float) -> float:
    return float(values[int(torch.searchsorted(GRID, torch.tensor(point, dtype=torch.float64)))])


def same(left: Tensor, right: Tensor) -> bool:
    return bool(torch.allclose(left, right, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True))


def is_identity(values: Tensor, nonnegative: bool) -> bool:
    """``nonnegative``: the variable is known to be at least 0."""
    kept = GRID >= 0 if nonnegative else torch.ones_like(GRID, dtype=torch.bool)
    return same(values[kept], GRID[kept])


def is_monotone(values: Tensor) -> bool:
    return bool(torch.isfinite(values).all()) and bool((values.diff() >= -1e-9).all())


def slope(values: Tensor) -> float:
    """The value at 1 of a function through the origin."""
    return _at(values, 1.0)


def is_homogeneous(values: Tensor) -> bool:
    """f(c x) = c f(x) for every c > 0: ReLU and leaky ReLU."""
    positive, negative = _at(values, 1.0), -_at(values, -1.0)
    return same(values, torch.where(GRID >= 0, positive * GRID, negative * GRID))


def describe(values: Tensor) -> dict[str, Any]:
    """{"function": name, parameters...} of a function given by its values on GRID."""
    for name, expected in _FIXED.items():
        if same(values, expected):
            return {"function": name}
    for found in (_affine(values), _leaky(values), _elu(values), _clamp(values), _scaled(values)):
        if found is not None:
            return found
    return {"function": "unknown", "values": _fingerprint(values)}


def _affine(values: Tensor) -> dict[str, Any] | None:
    offset = _at(values, 0.0)
    scale = _at(values, 1.0) - offset
    if same(values, scale * GRID + offset):
        return {"function": "affine", "scale": round(scale, 6), "offset": round(offset, 6)}
    return None


def _leaky(values: Tensor) -> dict[str, Any] | None:
    slope = -_at(values, -1.0)
    if same(values, torch.where(GRID >= 0, GRID, slope * GRID)):
        return {"function": "leaky_relu", "slope": round(slope, 6)}
    return None


def _elu(values: Tensor) -> dict[str, Any] | None:
    alpha = -_at(values, -300.0)
    if alpha > 0 and same(values, functional.elu(GRID, alpha)):
        return {"function": "elu", "alpha": round(alpha, 6)}
    if alpha > 0 and same(values, functional.celu(GRID, alpha)):
        return {"function": "celu", "alpha": round(alpha, 6)}
    return None


def _clamp(values: Tensor) -> dict[str, Any] | None:
    low, high = _at(values, -300.0), _at(values, 300.0)
    if low < high and same(values, GRID.clamp(low, high)):
        return {"function": "hardtanh", "minimum": round(low, 6), "maximum": round(high, 6)}
    return None


def _scaled(values: Tensor) -> dict[str, Any] | None:
    """A known function times a constant."""
    for name, expected in _FIXED.items():
        scale = _at(values, 2.0) / _at(expected, 2.0) if _at(expected, 2.0) else 0.0
        if scale and same(values, scale * expected):
            return {"function": f"scaled_{name}", "scale": round(scale, 6)}
    return None


def _fingerprint(values: Tensor) -> str:
    rounded = torch.nan_to_num(values, nan=1e30, posinf=1e31, neginf=-1e31).round(decimals=4)
    return hashlib.sha256((rounded + 0.0).numpy().tobytes()).hexdigest()[:12]


_FIXED: dict[str, Tensor] = {
    "identity": GRID.clone(),
    "relu": GRID.relu(),
    "relu6": functional.relu6(GRID),
    "sigmoid": GRID.sigmoid(),
    "tanh": GRID.tanh(),
    "gelu": functional.gelu(GRID),
    "gelu_tanh": functional.gelu(GRID, approximate="tanh"),
    "silu": functional.silu(GRID),
    "mish": functional.mish(GRID),
    "selu": functional.selu(GRID),
    "softplus": functional.softplus(GRID),
    "softsign": functional.softsign(GRID),
    "log_sigmoid": functional.logsigmoid(GRID),
    "hardsigmoid": functional.hardsigmoid(GRID),
    "hardswish": functional.hardswish(GRID),
    "abs": GRID.abs(),
    "square": GRID.square(),
    "sign": GRID.sign(),
    "exp": GRID.exp(),
    "scaled_tanh": 1.7159 * (GRID * 2 / 3).tanh(),
}

# Operations that act on each element by itself. With one variable among their arguments they are functions of it.
OPERATIONS = frozenset(
    """
    abs absolute acos acosh add addcmul asin atan ceil celu clamp clamp_max clamp_min cos cosh div elu eq erf exp expm1
    floor fmod ge gelu gt hardshrink hardsigmoid hardswish hardtanh heaviside index_put leaky_relu lerp log log10 log1p
    log2 log_sigmoid logical_and logical_not logical_or lt le masked_fill max maximum min minimum mish mul multiply ne
    neg pow reciprocal relu relu6 remainder round rrelu rsqrt rsub selu sigmoid sign silu sin sinh softplus softshrink
    special_expit sqrt square sub subtract tan tanh threshold true_divide where zeros_like ones_like full_like
    clip zero fill fmax fmin nan_to_num positive sgn trunc frac isnan isfinite isinf logit
    """.split()
)
