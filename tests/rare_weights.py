"""What people write more seldom: convolutions and full connections without torch's own, and networks inside of others.
``SAME`` is each the function of the family's first member, ``OTHER`` is not. Runs where the student's program would."""

from __future__ import annotations

import copy
from typing import Any

import torch
from spellings import FLAT, MATRIX, OWN, SHAPE, Make, conv, parameter, piece
from spellings import SAME as USUAL
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, parametrize
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

__all__ = ["NETWORKS", "OTHER", "SAME", "SHAPE"]


def unfolded(x: Tensor) -> Tensor:
    """The 3x3 windows of an image padded by 1, as columns."""
    return F.unfold(x, 3, padding=1)


def conv_einsum(m: Any, x: Tensor) -> Tensor:
    columns = torch.einsum("ok,bkl->bol", m.weight.view(4, -1), unfolded(x))
    return columns.view(-1, 4, 8, 8) + m.bias.view(1, 4, 1, 1)


def conv_rows(m: Any, x: Tensor) -> Tensor:
    out = unfolded(x).transpose(1, 2).matmul(m.weight.view(4, -1).t()) + m.bias
    return out.transpose(1, 2).view(x.size(0), 4, 8, 8)


def conv_fold(m: Any, x: Tensor) -> Tensor:
    out = m.weight.view(4, -1) @ unfolded(x) + m.bias.view(4, 1)
    return F.fold(out, (8, 8), 1)


def conv_sliding(m: Any, x: Tensor) -> Tensor:
    patches = F.pad(x, (1, 1, 1, 1)).unfold(2, 3, 1).unfold(3, 3, 1)
    return torch.einsum("bchwij,ocij->bohw", patches, m.weight) + m.bias.view(1, -1, 1, 1)


def one_by_one(m: Any, x: Tensor) -> Tensor:
    outs = []
    for image in x:
        outs.append(m.conv(image[None]))
    return torch.cat(outs)


def looked_at(module: nn.Module, inputs: Any, output: Tensor) -> None:
    module.seen = (output.shape, float(output.mean()))


def hooked(make: Make, hook: Any) -> Make:
    def made() -> nn.Module:
        module = make()
        next(iter(module.children())).register_forward_hook(hook)
        return module

    return made


def weights_of(make: Make, change: Any) -> Make:
    def made() -> nn.Module:
        module = make()
        change(module)
        return module

    return made


class Wrapped(nn.Module):
    """Its network is called through something else."""

    def __init__(self, make: Make, call: Any) -> None:
        super().__init__()
        self.inner = make()
        self.call = call

    def forward(self, x: Tensor) -> Tensor:
        return self.call(self.inner, x)


def wrapped(make: Make, call: Any) -> Make:
    return lambda: Wrapped(make, call)


def vmapped(inner: nn.Module, x: Tensor) -> Tensor:
    return torch.vmap(lambda image: inner(image.unsqueeze(0)).squeeze(0))(x)


def functional_call(inner: nn.Module, x: Tensor) -> Tensor:
    return torch.func.functional_call(inner, dict(inner.named_parameters()), (x,))


def autocast(inner: nn.Module, x: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return inner(x).float()


def no_autocast(inner: nn.Module, x: Tensor) -> Tensor:
    with torch.autocast("cpu", enabled=False):
        return inner(x)


class Odd(nn.Module):
    """Keeps parameters in lists, changes shapes by arithmetic, prints and asserts."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ParameterList([nn.Parameter(torch.randn(10, 192)), nn.Parameter(torch.randn(10))])
        self.last: Any = None

    def forward(self, x: Tensor, training: bool = False, scale: float = 1.0, *rest: Any, **more: Any) -> Tensor:
        assert x.dim() == 4, "images expected"
        features = x.numel() // x.size(0)
        self.last = x = x.view(x.numel() // features, features)
        return F.linear(x, *self.parts) * scale


def padded_by_assignment(x: Tensor) -> Tensor:
    wide = torch.zeros(x.size(0), 3, 10, 10)
    wide[:, :, 1:-1, 1:-1] = x
    return wide


class Standardised(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return (weight - weight.mean((1, 2, 3), keepdim=True)) / weight.std((1, 2, 3), keepdim=True)


RELU: Make = USUAL["relu"]["module"]
CONV: Make = USUAL["conv"]["module"]
LINEAR: Make = USUAL["flat_linear"]["flatten_module"]

SAME: dict[str, dict[str, Make]] = {
    "flat_linear": {
        "usual": LINEAR,
        "baddbmm": piece(
            lambda m, x: torch.baddbmm(
                m.bias, x.flatten(1).unsqueeze(1), m.weight.t().expand(x.size(0), -1, -1)
            ).squeeze(1), **MATRIX
        ),
        "bmm": piece(
            lambda m, x: torch.bmm(m.weight.expand(x.size(0), -1, -1), x.flatten(1).unsqueeze(2)).squeeze(2) + m.bias,
            **MATRIX,
        ),
        "matmul_of_columns": piece(lambda m, x: (m.weight @ x.flatten(1).unsqueeze(2)).squeeze(2) + m.bias, **MATRIX),
        "matmul_of_rows": piece(lambda m, x: (x.flatten(1).unsqueeze(1) @ m.weight.t()).squeeze(1) + m.bias, **MATRIX),
        "columns": piece(lambda m, x: (m.weight @ x.flatten(1).t()).t() + m.bias, **MATRIX),
        "columns_with_bias": piece(lambda m, x: (m.weight @ x.flatten(1).t() + m.bias[:, None]).t(), **MATRIX),
        "tensordot": piece(lambda m, x: torch.tensordot(x.flatten(1), m.weight, dims=([1], [1])) + m.bias, **MATRIX),
        "tensordot_of_maps": piece(
            lambda m, x: torch.tensordot(x, m.weight, 3) + m.bias, weight=parameter(3, 8, 8, 10), bias=parameter(10)
        ),
        "einsum_of_maps": piece(
            lambda m, x: torch.einsum("bchw,ochw->bo", x, m.weight.view(10, 3, 8, 8)) + m.bias, **MATRIX
        ),
        "einsum_with_dots": piece(
            lambda m, x: torch.einsum("...i,oi->...o", x.flatten(1), m.weight) + m.bias, **MATRIX
        ),
        "sum_of_products": piece(lambda m, x: (x.flatten(1).unsqueeze(1) * m.weight).sum(-1) + m.bias, **MATRIX),
        "bias_in_place": piece(lambda m, x: x.flatten(1).mm(m.weight.t()).add_(m.bias), **MATRIX),
        "bias_first": piece(lambda m, x: m.bias + x.flatten(1) @ m.weight.T, **MATRIX),
        "bias_expanded": piece(
            lambda m, x: F.linear(x.flatten(1), m.weight) + m.bias.unsqueeze(0).expand(x.size(0), -1), **MATRIX
        ),
        "bias_of_one_row": piece(
            lambda m, x: x.flatten(1) @ m.weight + m.bias, weight=parameter(192, 10), bias=parameter(1, 10)
        ),
        "addmm_alpha": piece(lambda m, x: torch.addmm(m.bias, x.flatten(1), m.weight.t(), alpha=1), **MATRIX),
        "whole_map_conv": lambda: nn.Sequential(nn.Conv2d(3, 10, 8), nn.Flatten()),
        "whole_map_conv_squeezed": piece(lambda m, x: m.fc(x).squeeze(-1).squeeze(-1), fc=lambda: nn.Conv2d(3, 10, 8)),
        "conv_1x1": piece(lambda m, x: m.fc(x.reshape(-1, 192, 1, 1)).flatten(1), fc=lambda: nn.Conv2d(192, 10, 1)),
        "conv_1x1_view": piece(lambda m, x: m.fc(x.view(-1, 192, 1, 1))[:, :, 0, 0], fc=lambda: nn.Conv2d(192, 10, 1)),
        "conv1d": piece(lambda m, x: m.fc(x.reshape(-1, 192, 1)).flatten(1), fc=lambda: nn.Conv1d(192, 10, 1)),
        "on_the_last_axis": piece(lambda m, x: m.fc(x.flatten(1)[:, None, :])[:, 0], **FLAT),
        "movedim": piece(lambda m, x: m.fc(x.movedim(1, -1).flatten(1)), **FLAT),
        "swapaxes": piece(lambda m, x: m.fc(x.swapaxes(1, 3).reshape(len(x), -1)), **FLAT),
        "einops_like": piece(lambda m, x: m.fc(x.permute(0, 3, 2, 1).contiguous().view(x.shape[0], -1)), **FLAT),
        "unflatten": lambda: nn.Sequential(
            nn.Flatten(), nn.Unflatten(1, (3, 64)), nn.Flatten(start_dim=1), nn.Linear(192, 10)
        ),
        "flatten_all": piece(lambda m, x: m.fc(x.flatten().view(x.size(0), -1)), **FLAT),
        "ravel": piece(lambda m, x: m.fc(x.ravel().reshape(-1, 192)), **FLAT),
        "stack_of_samples": piece(lambda m, x: torch.stack([m.fc(one.flatten()) for one in x]), **FLAT),
        "cat_of_samples": piece(lambda m, x: torch.cat([m.fc(one.reshape(1, -1)) for one in x.split(1)]), **FLAT),
        "vmap": wrapped(LINEAR, vmapped),
        "parameters_in_a_list": Odd,
        "parameters_in_a_dict": piece(
            lambda m, x: F.linear(x.flatten(1), m.parts["weight"], m.parts["bias"]),
            parts=lambda: nn.ParameterDict({"weight": torch.randn(10, 192), "bias": torch.randn(10)}),
        ),
        "lazy_materialised": weights_of(
            lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(10)), lambda m: m(torch.zeros(1, *SHAPE))
        ),
        "two_dims_flattened": piece(lambda m, x: m.fc(x.flatten(2).flatten(1)), **FLAT),
        "halves": piece(
            lambda m, x: F.linear(x.flatten(1)[:, :100], m.weight[:, :100])
            + F.linear(x.flatten(1)[:, 100:], m.weight[:, 100:]) + m.bias, **MATRIX
        ),
        "float_functional": piece(
            lambda m, x: m.q.add(F.linear(x.flatten(1), m.weight), m.bias),
            q=lambda: torch.ao.nn.quantized.FloatFunctional(), **MATRIX,
        ),
    },
    "conv": {
        "usual": CONV,
        "unfold_einsum": piece(conv_einsum, **OWN),
        "unfold_rows": piece(conv_rows, **OWN),
        "unfold_fold": piece(conv_fold, **OWN),
        "sliding_windows": piece(conv_sliding, **OWN),
        "one_by_one": piece(one_by_one, conv=lambda: conv(padding=1)),
        "unbatched": piece(lambda m, x: torch.stack([m.conv(one) for one in x]), conv=lambda: conv(padding=1)),
        "vmap": wrapped(CONV, vmapped),
        "bias_unsqueezed": piece(
            lambda m, x: F.conv2d(x, m.weight, padding=1) + m.bias[None, :, None, None], **OWN
        ),
        "bias_of_4_dims": piece(
            lambda m, x: F.conv2d(x, m.weight, padding=1) + m.bias, weight=parameter(4, 3, 3, 3),
            bias=parameter(1, 4, 1, 1),
        ),
        "bias_in_place": piece(
            lambda m, x: F.conv2d(x, m.weight, padding=1).add_(m.bias.reshape(4, 1, 1)), **OWN
        ),
        "padding_tuple": lambda: nn.Sequential(conv(padding=(1, 1))),
        "constant_pad": lambda: nn.Sequential(nn.ConstantPad2d(1, 0.0), conv()),
        "constant_pad_tuple": lambda: nn.Sequential(nn.ZeroPad2d((1, 1, 1, 1)), conv()),
        "torch_conv2d": piece(lambda m, x: torch.conv2d(x, m.weight, m.bias, padding=1), **OWN),
        "padding_same_function": piece(lambda m, x: F.conv2d(x, m.weight, m.bias, padding="same"), **OWN),
        "padded_by_cat": piece(
            lambda m, x: m.conv(
                torch.cat([torch.zeros(x.size(0), 3, 1, 10), F.pad(x, (1, 1)), torch.zeros(x.size(0), 3, 1, 10)], 2)
            ), conv=conv,
        ),
        "padded_by_assignment": piece(
            lambda m, x: m.conv(padded_by_assignment(x)), conv=conv,
        ),
        "conv3d_of_depth_1": piece(
            lambda m, x: m.conv(x.unsqueeze(2)).squeeze(2), conv=lambda: nn.Conv3d(3, 4, (1, 3, 3), padding=(0, 1, 1))
        ),
        "channels_joined": piece(
            lambda m, x: torch.cat([
                F.conv2d(x, m.weight[:2], m.bias[:2], padding=1), F.conv2d(x, m.weight[2:], m.bias[2:], padding=1)
            ], 1), **OWN
        ),
        "kernel_flattened": piece(
            lambda m, x: F.conv2d(x, m.weight.view(4, 3, 3, 3), m.bias, padding=1), weight=parameter(4, 27),
            bias=parameter(4),
        ),
        "conv_module_of_own": piece(
            lambda m, x: m.conv._conv_forward(x, m.conv.weight, m.conv.bias), conv=lambda: conv(padding=1)
        ),
        "standardised_as_identity": weights_of(
            CONV, lambda m: parametrize.register_parametrization(m[0], "weight", nn.Identity())
        ),
    },
    "wrapped": {
        "usual": RELU,
        "looked_at": hooked(RELU, looked_at),
        "checkpointed": wrapped(RELU, lambda inner, x: checkpoint(inner, x, use_reentrant=False)),
        "checkpointed_reentrant": wrapped(RELU, lambda inner, x: checkpoint(inner, x, use_reentrant=True)),
        "checkpointed_in_parts": wrapped(
            RELU, lambda inner, x: checkpoint_sequential(inner, 2, x, use_reentrant=False)
        ),
        "data_parallel": lambda: nn.DataParallel(RELU()),
        "copied": lambda: copy.deepcopy(RELU()),
        "functional_call": wrapped(RELU, functional_call),
        "vmap": wrapped(RELU, vmapped),
        "no_autocast": wrapped(RELU, no_autocast),
        "channels_last": lambda: RELU().to(memory_format=torch.channels_last),
        "channels_last_images": wrapped(RELU, lambda inner, x: inner(x.to(memory_format=torch.channels_last))),
        "initialised": weights_of(RELU, lambda m: m.apply(lambda part: [nn.init.ones_(p) for p in part.parameters()])),
        "orthogonal": weights_of(RELU, lambda m: nn.init.orthogonal_(m[0].weight)),
        "double": wrapped(lambda: RELU().double(), lambda inner, x: inner(x.double())),
        "double_and_back": wrapped(lambda: RELU().double(), lambda inner, x: inner(x.double()).float()),
        "half": wrapped(lambda: RELU().half(), lambda inner, x: inner(x.half()).float()),
        "autocast": wrapped(RELU, autocast),
    },
}  # fmt: skip

OTHER: dict[str, dict[str, Make]] = {
    "flat_linear": {
        "bias_of_one_number": piece(
            lambda m, x: x.flatten(1) @ m.weight.t() + m.bias, weight=parameter(10, 192), bias=parameter(1)
        ),
        "bias_twice": piece(lambda m, x: F.linear(x.flatten(1), m.weight, m.bias) + m.bias, **MATRIX),
        "two_matrices": piece(
            lambda m, x: x.flatten(1) @ m.left @ m.right + m.bias, left=parameter(192, 10), right=parameter(10, 10),
            bias=parameter(10),
        ),
        "half_the_features": piece(lambda m, x: F.linear(x.flatten(1)[:, :96], m.weight[:, :96], m.bias), **MATRIX),
        "shared_over_the_batch": piece(lambda m, x: m.fc(x.flatten(1).flip(0)), **FLAT),
        "bilinear": piece(lambda m, x: m.fc(x.flatten(1), x.flatten(1)), fc=lambda: nn.Bilinear(192, 192, 10)),
        "weight_norm": piece(
            lambda m, x: m.fc(x.flatten(1)), fc=lambda: parametrizations.weight_norm(nn.Linear(192, 10))
        ),
        "spectral_norm": piece(
            lambda m, x: m.fc(x.flatten(1)), fc=lambda: parametrizations.spectral_norm(nn.Linear(192, 10))
        ),
        "old_weight_norm": piece(
            lambda m, x: m.fc(x.flatten(1)), fc=lambda: torch.nn.utils.weight_norm(nn.Linear(192, 10))
        ),
    },
    "conv": {
        "circular": lambda: nn.Sequential(conv(padding=1, padding_mode="circular")),
        "replicated": lambda: nn.Sequential(conv(padding=1, padding_mode="replicate")),
        "unfold_dilated": piece(
            lambda m, x: (m.weight.view(4, -1) @ F.unfold(x, 3, dilation=2, padding=2)).view(-1, 4, 8, 8)
            + m.bias.view(4, 1, 1), **OWN
        ),
        "unfold_turned": piece(
            lambda m, x: (m.weight.view(4, -1) @ unfolded(x)).view(-1, 4, 8, 8).transpose(2, 3) + m.bias.view(4, 1, 1),
            **OWN,
        ),
        "transposed": lambda: nn.Sequential(nn.ConvTranspose2d(3, 4, 3, padding=1)),
        "one_kernel_for_all": piece(
            lambda m, x: F.conv2d(x, m.weight.expand(4, 3, 3, 3), m.bias, padding=1), weight=parameter(1, 3, 3, 3),
            bias=parameter(4),
        ),
        "standardised": weights_of(
            CONV, lambda m: parametrize.register_parametrization(m[0], "weight", Standardised())
        ),
        "spectral_norm": lambda: nn.Sequential(parametrizations.spectral_norm(conv(padding=1))),
        "weight_norm": lambda: nn.Sequential(parametrizations.weight_norm(conv(padding=1))),
    },
    "wrapped": {
        "changed_by_a_hook": hooked(RELU, lambda m, i, o: o * 2),
        "changed_before": weights_of(RELU, lambda m: m[0].register_forward_pre_hook(lambda m, i: (i[0] * 0.5,))),
    },
}  # fmt: skip

NETWORKS = {f"{kind}.{family}.{name}": make for kind, every in (("same", SAME), ("other", OTHER))
            for family, members in every.items() for name, make in members.items()}  # fmt: skip
