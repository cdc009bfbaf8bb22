"""Small networks written in many ways. ``SAME``: a family's members compute one function. ``OTHER``: each of these is
not quite its family's function. No grader is imported here: this runs where the student's program would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SHAPE = (3, 8, 8)
Make = Callable[[], nn.Module]
Forward = Callable[[Any, Tensor], Tensor]


class Piece(nn.Module):
    """A network from its layers and its forward."""

    def __init__(self, forward: Forward, parts: dict[str, Any]) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.run = forward

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self, x)


def piece(forward: Forward, **parts: Callable[[], Any]) -> Make:
    return lambda: Piece(forward, {name: make() for name, make in parts.items()})


def after(function: Callable[[Tensor], Tensor]) -> Make:
    """A convolution, then a function of its output."""
    return piece(lambda m, x: function(m.conv(x)), conv=conv)


def conv(**options: Any) -> nn.Module:
    return nn.Conv2d(3, 4, 3, **options)


def parameter(*shape: int) -> Callable[[], nn.Parameter]:
    return lambda: nn.Parameter(torch.randn(*shape) / 10)


def windows(x: Tensor) -> Tensor:
    batch, channels, height, width = x.shape
    return x.view(batch, channels, height // 2, 2, width // 2, 2)


def added_in_place(m: Any, x: Tensor) -> Tensor:
    y = m.conv(x)
    y += x
    return y


def half_and_half(x: Tensor) -> Tensor:
    left, right = x.chunk(2, dim=1)
    return torch.cat([left, right], 1)


def relu_by_hand(x: Tensor) -> Tensor:
    x = x.clone()
    x[x < 0] = 0
    return x


def relu_by_absolute_value(x: Tensor) -> Tensor:
    return (x + x.abs()) / 2


def around(m: Any, x: Tensor) -> Tensor:
    return x + m.other(x)


def twice(x: Tensor) -> Tensor:
    return x + x


def own_conv(**options: Any) -> Forward:
    return lambda m, x: F.conv2d(x, m.weight, m.bias, **options)


def two(first: Callable[[], nn.Module], second: Callable[[], nn.Module]) -> Make:
    return lambda: nn.Sequential(conv(), first(), second())


SQUARE = {"conv": lambda: nn.Conv2d(3, 3, 3, padding=1)}
TWO = {**SQUARE, "other": SQUARE["conv"]}
OWN = {"weight": parameter(4, 3, 3, 3), "bias": parameter(4)}
FLAT = {"fc": lambda: nn.Linear(192, 10)}
MATRIX = {"weight": parameter(10, 192), "bias": parameter(10)}

SAME: dict[str, dict[str, Make]] = {
    "relu": {
        "functional": after(F.relu),
        "torch": after(torch.relu),
        "method": after(Tensor.relu),
        "module": lambda: nn.Sequential(conv(), nn.ReLU()),
        "module_in_place": lambda: nn.Sequential(conv(), nn.ReLU(inplace=True)),
        "method_in_place": after(lambda x: x.relu_()),
        "clamp": after(lambda x: x.clamp(min=0)),
        "clamp_min": after(lambda x: torch.clamp_min(x, 0.0)),
        "clamp_in_place": after(lambda x: x.clamp_(min=0)),
        "threshold": after(lambda x: F.threshold(x, 0.0, 0.0)),
        "maximum": after(lambda x: torch.maximum(x, torch.zeros_like(x))),
        "maximum_of_scalar": after(lambda x: torch.maximum(x, torch.tensor(0.0))),
        "max": after(lambda x: torch.max(x, torch.zeros(1))),
        "negated_min": after(lambda x: -torch.min(-x, torch.tensor(0.0))),
        "times_mask": after(lambda x: x * (x > 0)),
        "times_float_mask": after(lambda x: x * (x > 0).float()),
        "half_sum": after(lambda x: (x + x.abs()) / 2),
        "by_hand": after(relu_by_hand),
        "where": after(lambda x: torch.where(x > 0, x, torch.zeros_like(x))),
        "where_scalar": after(lambda x: torch.where(x > 0, x, 0.0)),
        "masked_fill": after(lambda x: x.masked_fill(x < 0, 0.0)),
        "minus_negative_part": after(lambda x: x - x.clamp(max=0)),
        "leaky_of_slope_0": after(lambda x: F.leaky_relu(x, 0.0)),
        "twice": after(lambda x: F.relu(F.relu(x))),
        "leaky_of_relu": after(lambda x: F.leaky_relu(F.relu(x), 0.1)),
        "abs_of_relu": after(lambda x: F.relu(x).abs()),
    },
    "relu_pool": {
        "relu_first": after(lambda x: F.max_pool2d(F.relu(x), 2)),
        "pool_first": after(lambda x: F.relu(F.max_pool2d(x, 2))),
        "both": after(lambda x: F.relu(F.max_pool2d(F.relu(x), 2))),
        "modules": two(nn.ReLU, lambda: nn.MaxPool2d(2, 2)),
        "modules_turned": two(lambda: nn.MaxPool2d(2, 2), lambda: nn.ReLU(inplace=True)),
        "clamped_windows": after(lambda x: windows(x).amax((3, 5)).clamp(min=0)),
    },
    "max_pool": {
        "function": after(lambda x: F.max_pool2d(x, 2)),
        "module": lambda: nn.Sequential(conv(), nn.MaxPool2d(2)),
        "stride": lambda: nn.Sequential(conv(), nn.MaxPool2d((2, 2), stride=(2, 2))),
        "ceil_mode": after(lambda x: F.max_pool2d(x, 2, ceil_mode=True)),
        "adaptive": after(lambda x: F.adaptive_max_pool2d(x, 3)),
        "with_indices": after(lambda x: F.max_pool2d(x, 2, return_indices=True)[0]),
        "torch": after(lambda x: torch.max_pool2d(x, [2, 2])),
        "windows": after(lambda x: windows(x).amax((3, 5))),
        "unfold": after(lambda x: x.unfold(2, 2, 2).unfold(3, 2, 2).amax((-1, -2))),
        "unfold_flat": after(lambda x: x.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2).max(-1)[0]),
    },
    "flat_linear": {
        "flatten": piece(lambda m, x: m.fc(x.flatten(1)), **FLAT),
        "torch_flatten": piece(lambda m, x: m.fc(torch.flatten(x, 1)), **FLAT),
        "view": piece(lambda m, x: m.fc(x.view(-1, 192)), **FLAT),
        "view_batch": piece(lambda m, x: m.fc(x.view(x.size(0), -1)), **FLAT),
        "reshape": piece(lambda m, x: m.fc(x.reshape(x.shape[0], 3 * 8 * 8)), **FLAT),
        "flatten_module": lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 10)),
        "channels_last": piece(lambda m, x: m.fc(x.permute(0, 2, 3, 1).reshape(-1, 192)), **FLAT),
        "lazy": lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(10)),
        "functional": piece(lambda m, x: F.linear(x.flatten(1), m.weight, m.bias), **MATRIX),
        "matrix_product": piece(lambda m, x: x.flatten(1) @ m.weight.t() + m.bias, **MATRIX),
        "product_of_own_shape": piece(
            lambda m, x: x.flatten(1) @ m.weight + m.bias, weight=parameter(192, 10), bias=parameter(10)
        ),
        "addmm": piece(lambda m, x: torch.addmm(m.bias, x.flatten(1), m.weight.t()), **MATRIX),
        "einsum": piece(lambda m, x: torch.einsum("bi,oi->bo", x.flatten(1), m.weight) + m.bias, **MATRIX),
        "halves_joined": piece(lambda m, x: m.fc(torch.cat([x[:, :1].flatten(1), x[:, 1:].flatten(1)], 1)), **FLAT),
    },
    "conv": {
        "module": lambda: nn.Sequential(conv(padding=1)),
        "same": lambda: nn.Sequential(conv(padding="same")),
        "lazy": lambda: nn.Sequential(nn.LazyConv2d(4, 3, padding=1)),
        "zero_pad": lambda: nn.Sequential(nn.ZeroPad2d(1), conv()),
        "pad": piece(lambda m, x: m.conv(F.pad(x, (1, 1, 1, 1))), conv=conv),
        "functional": piece(own_conv(padding=1), **OWN),
        "bias_added": piece(lambda m, x: F.conv2d(x, m.weight, padding=1) + m.bias.view(1, -1, 1, 1), **OWN),
        "groups_of_1": lambda: nn.Sequential(conv(padding=1, groups=1, dilation=1)),
    },
    "skip": {
        "sum": piece(lambda m, x: m.conv(x) + x, **SQUARE),
        "turned": piece(lambda m, x: x + m.conv(x), **SQUARE),
        "torch_add": piece(lambda m, x: torch.add(x, m.conv(x)), **SQUARE),
        "in_place": piece(added_in_place, **SQUARE),
        "method_in_place": piece(lambda m, x: m.conv(x).add_(x), **SQUARE),
        "minus_minus": piece(lambda m, x: x - (-m.conv(x)), **SQUARE),
        "python_sum": piece(lambda m, x: sum([x, m.conv(x)]), **SQUARE),  # type: ignore[arg-type]
        "stack": piece(lambda m, x: torch.stack([x, m.conv(x)]).sum(0), **SQUARE),
    },
    "relu_of_a_sum": {
        "functional": piece(lambda m, x: F.relu(m.conv(x) + x), **SQUARE),
        "absolute_value": piece(lambda m, x: relu_by_absolute_value(m.conv(x) + x), **SQUARE),
        "doubled_and_halved": piece(lambda m, x: F.relu(twice(m.conv(x) + x) / 2), **SQUARE),
    },
    "skip_of_a_relu": {
        "once": piece(lambda m, x: around(m, F.relu(m.conv(x))), **TWO),
        "twice": piece(lambda m, x: around(m, F.relu(F.relu(m.conv(x)))), **TWO),
        "once_more_inside": piece(lambda m, x: F.relu(m.conv(x)) + m.other(F.relu(F.relu(m.conv(x)))), **TWO),
    },
    "nothing": {
        "conv": after(lambda x: x),
        "identity": lambda: nn.Sequential(conv(), nn.Identity()),
        "times_1": after(lambda x: x * 1.0),
        "plus_0": after(lambda x: x + 0),
        "clone": after(lambda x: x.clone().contiguous()),
        "float": after(lambda x: x.float()),
        "to_cpu": after(lambda x: x.to("cpu")),
        "turned_and_back": after(lambda x: x.permute(0, 2, 3, 1).permute(0, 3, 1, 2)),
        "split_and_joined": after(half_and_half),
        "squeezed": after(lambda x: x.unsqueeze(0).squeeze(0)),
        "negated_twice": after(lambda x: x.neg().neg()),
        "dropout_of_0": lambda: nn.Sequential(conv(), nn.Dropout(0.0)),
        "viewed": after(lambda x: x.view(x.size(0), -1).view(-1, 4, 6, 6)),
    },
    "global_average": {
        "adaptive": lambda: nn.Sequential(conv(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10)),
        "mean": piece(lambda m, x: m.fc(m.conv(x).mean((2, 3))), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "mean_of_flat": piece(lambda m, x: m.fc(m.conv(x).flatten(2).mean(2)), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "pool": piece(lambda m, x: m.fc(F.avg_pool2d(m.conv(x), 6).flatten(1)), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "kept_dims": piece(
            lambda m, x: m.fc(m.conv(x).mean((2, 3), keepdim=True).view(-1, 4)), conv=conv, fc=lambda: nn.Linear(4, 10)
        ),
    },
    "sigmoid": {
        "torch": after(torch.sigmoid),
        "module": lambda: nn.Sequential(conv(), nn.Sigmoid()),
        "formula": after(lambda x: 1 / (1 + torch.exp(-x))),
        "tanh": after(lambda x: (torch.tanh(x / 2) + 1) / 2),
    },
    "leaky_relu": {
        "function": after(lambda x: F.leaky_relu(x, 0.1)),
        "maximum": after(lambda x: torch.maximum(x, 0.1 * x)),
        "where": after(lambda x: torch.where(x > 0, x, 0.1 * x)),
        "module": lambda: nn.Sequential(conv(), nn.LeakyReLU(0.1, inplace=True)),
    },
    "log_softmax": {
        "function": piece(lambda m, x: F.log_softmax(m.fc(x.flatten(1)), dim=1), **FLAT),
        "module": lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 10), nn.LogSoftmax(dim=-1)),
        "method": piece(lambda m, x: m.fc(x.flatten(1)).log_softmax(1), **FLAT),
    },
    "batch_norm": {
        "module": lambda: nn.Sequential(conv(), nn.BatchNorm2d(4)),
        "function": piece(
            lambda m, x: F.batch_norm(m.conv(x), m.mean, m.deviation, m.scale, m.shift, m.training),
            conv=conv, mean=lambda: nn.Buffer(torch.zeros(4)), deviation=lambda: nn.Buffer(torch.ones(4)),
            scale=parameter(4), shift=parameter(4),
        ),
    },
}  # fmt: skip

OTHER: dict[str, dict[str, Make]] = {
    "relu": {
        "nothing": after(lambda x: x),
        "relu6": after(F.relu6),
        "leaky": after(lambda x: F.leaky_relu(x, 0.01)),
        "elu": after(F.elu),
        "gelu": after(F.gelu),
        "shifted": after(lambda x: F.relu(x - 0.1)),
        "scaled": after(lambda x: 2 * F.relu(x)),
        "negative": after(lambda x: x.clamp(max=0)),
        "above_1": after(lambda x: F.threshold(x, 1.0, 0.0)),
        "softplus": after(F.softplus),
    },
    "relu_pool": {
        "no_relu": after(lambda x: F.max_pool2d(x, 2)),
        "average": after(lambda x: F.avg_pool2d(F.relu(x), 2)),
        "average_first": after(lambda x: F.relu(F.avg_pool2d(x, 2))),
        "negated_pool": after(lambda x: F.relu(-F.max_pool2d(-x, 2))),
    },
    "max_pool": {
        "average": after(lambda x: F.avg_pool2d(x, 2)),
        "kernel_3": after(lambda x: F.max_pool2d(x, 3, 2, 1)),
        "dilated": after(lambda x: F.max_pool2d(x, 2, 2, dilation=2)),
        "smallest": after(lambda x: -F.max_pool2d(-x, 2)),
        "picked": after(lambda x: x[:, :, ::2, ::2]),
        "windows_of_another_layout": after(lambda x: x.view(-1, 4, 2, 3, 2, 3).amax((2, 4))),
    },
    "flat_linear": {
        "no_bias": lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 10, bias=False)),
        "a_pixel_twice": piece(lambda m, x: m.fc(x.flatten(1)[:, [0, *range(191)]]), **FLAT),
        "batch_mixed": piece(lambda m, x: m.fc(x.transpose(0, 1).reshape(-1, 192)), **FLAT),
        "twelve_outputs": lambda: nn.Sequential(nn.Flatten(), nn.Linear(192, 12)),
    },
    "conv": {
        "no_padding": lambda: nn.Sequential(conv()),
        "no_bias": lambda: nn.Sequential(conv(padding=1, bias=False)),
        "reflected": lambda: nn.Sequential(conv(padding=1, padding_mode="reflect")),
        "padded_with_1": piece(lambda m, x: m.conv(F.pad(x, (1, 1, 1, 1), value=1.0)), conv=conv),
        "padded_on_one_side": piece(lambda m, x: m.conv(F.pad(x, (2, 0, 1, 1))), conv=conv),
        "turned_image": piece(lambda m, x: m.conv(x.flip(3)), conv=lambda: conv(padding=1)),
    },
    "skip": {
        "no_skip": piece(lambda m, x: m.conv(x), **SQUARE),
        "half": piece(lambda m, x: m.conv(x) + 0.5 * x, **SQUARE),
        "minus": piece(lambda m, x: m.conv(x) - x, **SQUARE),
        "product": piece(lambda m, x: m.conv(x) * x, **SQUARE),
        "own_output": piece(lambda m, x: m.conv(x) + m.conv(x), **SQUARE),
        "joined": piece(lambda m, x: torch.cat([m.conv(x), x], 1), **SQUARE),
    },
    "relu_of_a_sum": {
        "sum": piece(lambda m, x: m.conv(x) + x, **SQUARE),
        "of_one_of_them": piece(lambda m, x: F.relu(m.conv(x)) + x, **SQUARE),
        "absolute_value_alone": piece(lambda m, x: (m.conv(x) + x).abs(), **SQUARE),
    },
    "skip_of_a_relu": {
        "before_it": piece(lambda m, x: m.conv(x) + m.other(F.relu(m.conv(x))), **TWO),
        "no_skip": piece(lambda m, x: m.other(F.relu(m.conv(x))), **TWO),
    },
    "nothing": {
        "dropout": lambda: nn.Sequential(conv(), nn.Dropout(0.1)),
        "noise": after(lambda x: x + torch.randn_like(x)),
        "plus_1": after(lambda x: x + 1),
        "rolled": after(lambda x: x.roll(1, 1)),
        "batch_mean_taken_off": after(lambda x: x - x.mean(0, keepdim=True)),
    },
    "global_average": {
        "global_max": lambda: nn.Sequential(conv(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 10)),
        "one_pixel": piece(lambda m, x: m.fc(m.conv(x)[:, :, 0, 0]), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "over_height": piece(lambda m, x: m.fc(m.conv(x).mean(2).flatten(1)), conv=conv, fc=lambda: nn.Linear(24, 10)),
    },
    "sigmoid": {"tanh": after(torch.tanh), "steeper": after(lambda x: torch.sigmoid(2 * x))},
    "leaky_relu": {
        "other_slope": after(lambda x: F.leaky_relu(x, 0.2)),
        "minimum": after(lambda x: torch.minimum(x, x / 10)),
    },
    "log_softmax": {
        "softmax": piece(lambda m, x: F.softmax(m.fc(x.flatten(1)), dim=1), **FLAT),
        "over_the_batch": piece(lambda m, x: F.log_softmax(m.fc(x.flatten(1)), dim=0), **FLAT),
    },
    "batch_norm": {
        "without_weights": lambda: nn.Sequential(conv(), nn.BatchNorm2d(4, affine=False)),
        "instance_norm": lambda: nn.Sequential(conv(), nn.InstanceNorm2d(4, affine=True)),
    },
}



def thrown_away(m: Any, x: Tensor) -> Tensor:
    m.second(x)
    return m.first(x)


PAIR = {"first": lambda: nn.Linear(192, 192), "second": lambda: nn.Linear(192, 192)}
SPECIAL: dict[str, dict[str, Make]] = {
    "one": {
        "detached": after(lambda x: F.relu(x.detach())),
        "used_twice": piece(lambda m, x: m.first(m.first(x.flatten(1))), **PAIR),
        "used_once": piece(lambda m, x: m.second(m.first(x.flatten(1))), **PAIR),
        "thrown_away": piece(lambda m, x: thrown_away(m, x.flatten(1)), **PAIR),
        "rows_for_pixels": piece(lambda m, x: m.fc(x.permute(0, 2, 3, 1).reshape(-1, 3)), fc=lambda: nn.Linear(3, 10)),
        "fails": piece(lambda m, x: m.fc(x), fc=lambda: nn.Linear(192, 10)),
    }
}

FAMILIES = [("same", SAME), ("other", OTHER), ("special", SPECIAL)]
NETWORKS = {f"{kind}.{family}.{name}": make for kind, every in FAMILIES for family, members in every.items()
            for name, make in members.items()}  # fmt: skip
