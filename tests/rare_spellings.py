"""What people write more seldom, in the families of ``spellings``: functions, pools, additions, and nothing at all.
``SAME`` is each the function of the family's first member, ``OTHER`` is not. Runs where the student's program would."""

from __future__ import annotations

import operator
from typing import Any

import torch
from spellings import SAME as USUAL
from spellings import SHAPE, SQUARE, Make, after, conv, parameter, piece, windows
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["NETWORKS", "OTHER", "SAME", "SHAPE"]


def relu_slice_assigned(x: Tensor) -> Tensor:
    x[:, :2] = F.relu(x[:, :2])
    x[:, 2:] = F.relu(x[:, 2:])
    return x


def relu_multiplied(x: Tensor) -> Tensor:
    x *= (x > 0).to(x.dtype)
    return x


def relu_of_zero_tensor(x: Tensor) -> Tensor:
    zero = x.new_zeros(x.shape)
    return torch.where(x > zero, x, zero)


def masked_relu(x: Tensor) -> Tensor:
    return x * (x > 0)


class OwnRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return gradient * (x > 0)


def strided_maximum(x: Tensor) -> Tensor:
    rows = torch.maximum(x[:, :, 0::2], x[:, :, 1::2])
    return torch.maximum(rows[..., 0::2], rows[..., 1::2])


def strided_stack(x: Tensor) -> Tensor:
    return torch.stack([x[:, :, i::2, j::2] for i in range(2) for j in range(2)]).max(0).values


def strided_stack_amax(x: Tensor) -> Tensor:
    return torch.stack([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], -1).amax(-1)


def strided_fmax(x: Tensor) -> Tensor:
    rows = torch.fmax(x[:, :, 0::2], x[:, :, 1::2])
    return torch.fmax(rows[..., 0::2], rows[..., 1::2])


def in_rows(x: Tensor) -> Tensor:
    return windows(x).permute(0, 1, 2, 4, 3, 5).flatten(4)


def pool_by_columns(x: Tensor) -> Tensor:
    batch, channels, height, width = x.shape
    columns = F.unfold(x, 2, stride=2).view(batch, channels, 4, -1)
    return columns.max(dim=2)[0].view(batch, channels, height // 2, width // 2)


def pool_of_rows_and_columns(x: Tensor) -> Tensor:
    rows = F.max_pool1d(x.reshape(-1, 1, 6), 2).view(-1, 6, 3)
    return F.max_pool1d(rows.transpose(1, 2), 2).transpose(1, 2).reshape(-1, 4, 3, 3)


def pool_in_two(x: Tensor) -> Tensor:
    return F.max_pool2d(F.max_pool2d(x, (2, 1)), (1, 2))


def amax_in_two(x: Tensor) -> Tensor:
    return windows(x).amax(5).amax(3)


def max_in_two(x: Tensor) -> Tensor:
    return windows(x).max(5)[0].max(3)[0]


def average_of_slices(x: Tensor) -> Tensor:
    return (x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]) / 4


def iadd(m: Any, x: Tensor) -> Tensor:
    identity = x
    out = m.conv(x)
    out = operator.iadd(out, identity)
    return out


def shortcut(m: Any, x: Tensor) -> Tensor:
    return m.conv(x) + m.shortcut(x)


def hooked(make: Make, hook: Any) -> Make:
    def made() -> nn.Module:
        module = make()
        next(iter(module.children())).register_forward_hook(hook)
        return module

    return made


def assigned(x: Tensor) -> Tensor:
    out = torch.zeros_like(x)
    for channel in range(4):
        out[:, channel] = x[:, channel]
    return out


SHORT = {**SQUARE, "shortcut": lambda: nn.Identity()}

SAME: dict[str, dict[str, Make]] = {
    "relu": {
        "usual": USUAL["relu"]["module"],
        "slices_assigned": after(relu_slice_assigned),
        "multiplied_in_place": after(relu_multiplied),
        "of_a_zero_tensor": after(relu_of_zero_tensor),
        "scripted": lambda: after(torch.jit.script(masked_relu))(),
        "own_function": after(lambda x: OwnRelu.apply(x)),
        "threshold_module": lambda: nn.Sequential(conv(), nn.Threshold(0, 0)),
        "clip": after(lambda x: torch.clip(x, 0)),
        "clip_to_infinity": after(lambda x: torch.clip(x, 0, float("inf"))),
        "fmax": after(lambda x: torch.fmax(x, torch.zeros_like(x))),
        "nan_to_num": after(lambda x: torch.nan_to_num(x).relu()),
        "sign": after(lambda x: x * (torch.sign(x) + 1) / 2),
        "hardtanh_to_infinity": after(lambda x: F.hardtanh(x, 0.0, float("inf"))),
        "hardshrink": after(lambda x: F.hardshrink(x, 0).clamp_min(0)),
        "checked_for_nan": after(lambda x: F.relu(x) if not torch.isnan(x).any() else x),
        "checked_for_infinity": after(lambda x: F.relu(x) if torch.isfinite(x).all() else x),
        "logged": after(lambda x: (print(x.std(), x.abs().max(), x.median()), F.relu(x))[1]),
        "where_indices": after(lambda x: x.index_put((x < 0,), torch.tensor(0.0))),
        "masked_scatter": after(lambda x: x.masked_scatter(x < 0, torch.zeros_like(x))),
        "addcmul": after(lambda x: torch.addcmul(torch.zeros_like(x), x, (x > 0).float())),
    },
    "max_pool": {
        "usual": USUAL["max_pool"]["module"],
        "maximum_of_strides": after(strided_maximum),
        "fmax_of_strides": after(strided_fmax),
        "stack_of_strides": after(strided_stack),
        "stack_of_strides_amax": after(strided_stack_amax),
        "columns": after(pool_by_columns),
        "in_two": after(pool_in_two),
        "amax_in_two": after(amax_in_two),
        "max_in_two": after(max_in_two),
        "adaptive_module": lambda: nn.Sequential(conv(), nn.AdaptiveMaxPool2d((3, 3))),
        "return_indices": after(lambda x: F.max_pool2d_with_indices(x, 2)[0]),
        "max_pool3d": after(lambda x: F.max_pool3d(x, (1, 2, 2))),
        "max_pool3d_of_depth_1": after(lambda x: F.max_pool3d(x.unsqueeze(2), (1, 2, 2)).squeeze(2)),
        "max_pool1d_in_two": after(pool_of_rows_and_columns),
        "topk": after(lambda x: in_rows(x).topk(1, -1).values.squeeze(-1)),
    },
    "average_pool": {
        "function": after(lambda x: F.avg_pool2d(x, 2)),
        "module": lambda: nn.Sequential(conv(), nn.AvgPool2d(2)),
        "windows": after(lambda x: windows(x).mean((3, 5))),
        "sum_of_windows": after(lambda x: windows(x).sum((3, 5)) / 4),
        "slices": after(average_of_slices),
        "in_two": after(lambda x: windows(x).mean(5).mean(3)),
        "interpolated": after(lambda x: F.interpolate(x, scale_factor=0.5, mode="area")),
        "adaptive": after(lambda x: F.adaptive_avg_pool2d(x, (3, 3))),
        "unfold": after(lambda x: x.unfold(2, 2, 2).unfold(3, 2, 2).mean((4, 5))),
    },
    "skip": {
        "usual": piece(lambda m, x: m.conv(x) + x, **SQUARE),
        "operator_iadd": piece(iadd, **SQUARE),
        "operator_add": piece(lambda m, x: operator.add(m.conv(x), x), **SQUARE),
        "identity": piece(shortcut, **SHORT),
        "empty_sequential": piece(shortcut, **{**SHORT, "shortcut": lambda: nn.Sequential()}),
        "float_functional": piece(
            lambda m, x: m.q.add(m.conv(x), x), **SQUARE, q=lambda: torch.ao.nn.quantized.FloatFunctional()
        ),
        "stack_of_two": piece(lambda m, x: torch.stack((m.conv(x), x), dim=0).sum(dim=0), **SQUARE),
        "stack_behind": piece(lambda m, x: torch.stack((m.conv(x), x), dim=-1).sum(-1), **SQUARE),
        "mean_of_two": piece(lambda m, x: torch.stack((m.conv(x), x)).mean(0) * 2, **SQUARE),
        "into_the_input": piece(lambda m, x: x.clone().add_(m.conv(x)), **SQUARE),
        "add_out": piece(lambda m, x: torch.add(m.conv(x), x, alpha=1), **SQUARE),
        "lerp": piece(lambda m, x: torch.lerp(m.conv(x), x, 0.5) * 2, **SQUARE),
        "addcmul": piece(lambda m, x: torch.addcmul(m.conv(x), x, torch.ones_like(x)), **SQUARE),
        "einsum": piece(lambda m, x: torch.einsum("nbchw->bchw", torch.stack((m.conv(x), x))), **SQUARE),
        "halves": piece(lambda m, x: (0.5 * m.conv(x) + 0.5 * x) * 2, **SQUARE),
        "flat": piece(lambda m, x: (m.conv(x).flatten(1) + x.flatten(1)).view(-1, 3, 8, 8), **SQUARE),
        "permuted": piece(
            lambda m, x: (m.conv(x).permute(0, 2, 3, 1) + x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), **SQUARE
        ),
        "hook_adds": lambda: hooked(lambda: nn.Sequential(SQUARE["conv"]()), lambda m, i, o: o + i[0])(),
        "rsub": piece(lambda m, x: torch.rsub(-m.conv(x), x), **SQUARE),
        "cat_and_sum": piece(lambda m, x: torch.cat((m.conv(x), x), 1).view(-1, 2, 3, 8, 8).sum(1), **SQUARE),
        "sum_of_three": piece(lambda m, x: sum([m.conv(x), x], start=torch.zeros_like(x)), **SQUARE),  # type: ignore[call-overload]
        "scaled_by_one": piece(lambda m, x: m.conv(x) + 1.0 * x, **SQUARE),
    },
    "nothing": {
        "usual": USUAL["nothing"]["conv"],
        "chunks": after(lambda x: torch.cat(torch.chunk(x, 4, 1), 1)),
        "split": after(lambda x: torch.cat(x.split([1, 3], 1), 1)),
        "unbind": after(lambda x: torch.stack(x.unbind(1), 1)),
        "samples": after(lambda x: torch.stack(list(x))),
        "flipped_twice": after(lambda x: x.flip(1).flip(1)),
        "rolled_back": after(lambda x: x.roll(1, 2).roll(-1, 2)),
        "shuffled_back": after(lambda x: F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2)),
        "list_of_indices": after(lambda x: x[:, [0, 1, 2, 3]]),
        "index_select": after(lambda x: x.index_select(1, torch.arange(4))),
        "gathered": after(lambda x: x.gather(1, torch.arange(4).view(1, 4, 1, 1).expand_as(x))),
        "divided_by_one": after(lambda x: x / 1),
        "power_of_one": after(lambda x: x**1),
        "exp_log": after(lambda x: (x.abs() + x) - x.abs()),
        "drop_path_of_0": after(lambda x: x * torch.ones(x.shape[0], 1, 1, 1)),
        "zero_noise": after(lambda x: x + 0.0 * torch.randn_like(x)),
        "fold": after(lambda x: F.fold(F.unfold(x, 2, stride=2), (6, 6), 2, stride=2)),
        "hstack": after(lambda x: torch.hstack([x[:, :1], x[:, 1:]])),
        "interpolated": after(lambda x: F.interpolate(x, scale_factor=1)),
        "padded_by_nothing": after(lambda x: F.pad(x, (0, 0, 0, 0))),
        "padded_and_cropped": after(lambda x: F.pad(x, (1, 1, 1, 1))[:, :, 1:-1, 1:-1]),
        "atleast": after(lambda x: torch.atleast_3d(x)),
        "channel_shuffled_by_1": lambda: nn.Sequential(conv(), nn.ChannelShuffle(1)),
        "copied_into_zeros": after(lambda x: torch.zeros_like(x).copy_(x)),
        "copied_into_empty": after(lambda x: torch.empty_like(x).copy_(x)),
        "assigned": after(lambda x: assigned(x)),
        "as_tensor": after(lambda x: torch.as_tensor(x)),
        "clamped_far": after(lambda x: x.nan_to_num()),
    },
    "global_average": {
        "usual": USUAL["global_average"]["adaptive"],
        "mean_in_two": piece(lambda m, x: m.fc(m.conv(x).mean(3).mean(2)), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "mean_of_rows": piece(lambda m, x: m.fc(m.conv(x).mean([-2, -1])), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "sum": piece(lambda m, x: m.fc(m.conv(x).sum((2, 3)) / 36), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "view_and_mean": piece(
            lambda m, x: m.fc(m.conv(x).view(x.size(0), 4, -1).mean(-1)), conv=conv, fc=lambda: nn.Linear(4, 10)
        ),
        "pool_of_own_size": piece(
            lambda m, x: m.fc(F.avg_pool2d(m.conv(x), m.conv(x).shape[2:]).squeeze()), conv=conv,
            fc=lambda: nn.Linear(4, 10),
        ),
        "conv_behind": lambda: nn.Sequential(conv(), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 10, 1), nn.Flatten()),
        "std_mean": piece(
            lambda m, x: m.fc(torch.std_mean(m.conv(x), (2, 3))[1]), conv=conv, fc=lambda: nn.Linear(4, 10)
        ),
        "einsum": piece(
            lambda m, x: m.fc(torch.einsum("bchw->bc", m.conv(x)) / 36), conv=conv, fc=lambda: nn.Linear(4, 10)
        ),
    },
    "prelu": {
        "module": lambda: nn.Sequential(conv(), nn.PReLU()),
        "function": piece(lambda m, x: F.prelu(m.conv(x), m.slope), conv=conv, slope=parameter(1)),
    },
    "layer_norm": {
        "module": lambda: nn.Sequential(conv(), nn.LayerNorm([4, 6, 6])),
        "function": piece(
            lambda m, x: F.layer_norm(m.conv(x), (4, 6, 6), m.scale, m.shift), conv=conv, scale=parameter(4, 6, 6),
            shift=parameter(4, 6, 6),
        ),
    },
}  # fmt: skip

OTHER: dict[str, dict[str, Make]] = {
    "relu": {
        "prelu": lambda: nn.Sequential(conv(), nn.PReLU()),
        "rrelu": lambda: nn.Sequential(conv(), nn.RReLU()),
        "hardtanh": after(F.hardtanh),
        "half_of_the_channels": after(lambda x: torch.cat([x[:, :2].relu(), x[:, 2:]], 1)),
        "one_slice": after(lambda x: (x[:, :2].relu_(), x)[1]),
        "crelu": after(lambda x: torch.cat([x.relu(), (-x).relu()], 1)),
    },
    "max_pool": {
        "fractional": after(lambda x: F.fractional_max_pool2d(x, 2, output_size=3)),
        "lp": after(lambda x: F.lp_pool2d(x, 2, 2)),
        "one_row": after(lambda x: torch.maximum(x[:, :, ::2, ::2], x[:, :, 1::2, ::2])),
        "second_largest": after(lambda x: in_rows(x).kthvalue(3, -1).values),
        "overlapping": after(lambda x: x.unfold(2, 2, 1).unfold(3, 2, 1).amax((-1, -2))),
    },
    "average_pool": {"sum": after(lambda x: windows(x).sum((3, 5))), "max": after(lambda x: F.max_pool2d(x, 2))},
    "skip": {
        "maximum": piece(lambda m, x: torch.maximum(m.conv(x), x), **SQUARE),
        "mean": piece(lambda m, x: torch.stack((m.conv(x), x)).mean(0), **SQUARE),
        "turned_image": piece(lambda m, x: m.conv(x) + x.transpose(2, 3), **SQUARE),
        "of_the_batch": piece(lambda m, x: m.conv(x) + x.flip(0), **SQUARE),
        "detached": piece(lambda m, x: m.conv(x) + x.mean((2, 3), keepdim=True), **SQUARE),
    },
    "nothing": {
        "sorted": after(lambda x: x.sort(1)[0]),
        "cumulative": after(lambda x: x.cumsum(1)),
        "normalised": after(lambda x: F.normalize(x)),
        "one_channel_zeroed": after(lambda x: torch.cat([x[:, :3], torch.zeros_like(x[:, :1])], 1)),
        "learned_scale": piece(lambda m, x: m.conv(x) * m.scale, conv=conv, scale=parameter(1)),
    },
    "global_average": {
        "trimmed": piece(lambda m, x: m.fc(m.conv(x)[:, :, 1:].mean((2, 3))), conv=conv, fc=lambda: nn.Linear(4, 10)),
        "summed": piece(lambda m, x: m.fc(m.conv(x).sum((2, 3))), conv=conv, fc=lambda: nn.Linear(4, 10)),
    },
}  # fmt: skip

NETWORKS = {f"{kind}.{family}.{name}": make for kind, every in (("same", SAME), ("other", OTHER))
            for family, members in every.items() for name, make in members.items()}  # fmt: skip
