"""The reference networks that the tests build, with the sizes that papers and slides state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch import nn

RGB224, RGB227, RGB32, RGB299 = (3, 224, 224), (3, 227, 227), (3, 32, 32), (3, 299, 299)


@dataclass(frozen=True)
class Model:
    file: str
    function: str
    arguments: tuple[Any, ...]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    parameters: int
    stated: str = ""  # as the paper or the slide rounds it: "1.7M", "1,592K"

    def build(self) -> nn.Module:
        made: nn.Module = getattr(import_module(f"reference.{self.file}"), self.function)(*self.arguments)
        return made

    def outline(self) -> nn.Module:
        """The network without its numbers: large ones cost nothing."""
        with torch.device("meta"):
            return self.build()


def family(
    file: str, function: str, input_shape: tuple[int, ...], classes: int, rows: Sequence[tuple[Any, ...]]
) -> list[Model]:
    """Rows: the arguments, then the count, then what is stated."""
    return [Model(file, function, row[:-2], input_shape, (classes,), row[-2], row[-1]) for row in rows]


MODELS = [
    Model("lenet5", "lenet5", (), (1, 32, 32), (10,), 60_000, "60K"),
    Model("lenet5", "modern_lenet5", (), (1, 32, 32), (10,), 61_706),
    Model("alexnet", "alexnet", (), RGB227, (1000,), 62_378_344),
    Model("alexnet", "alexnet_two_gpus", (), RGB227, (1000,), 60_965_224),  # "60 million", rounded down
    *family("zfnet", "zfnet", RGB224, 1000, [("paper", 62_357_608, ""), ("slide", 107_627_624, "")]),
    # Table 2 states 133, 133, 134, 138 and 144 million.
    *family("vgg", "vgg", RGB224, 1000, [
        ("A", 132_863_336, "133M"), ("A-LRN", 132_863_336, "133M"), ("B", 133_047_848, "133M"),
        ("C", 133_638_952, "134M"), ("D", 138_357_544, "138M"), ("E", 143_667_240, "144M"),
    ]),
    Model("nin", "nin", (), RGB32, (10,), 966_986),
    *family("googlenet", "googlenet", RGB224, 1000, [(False, 6_998_552, ""), (True, 13_378_280, "")]),
    Model("inception_bn", "inception_bn", (), RGB224, (1000,), 11_194_984),
    *family("resnet", "resnet", RGB224, 1000, [
        (18, 11_689_512, ""), (34, 21_797_672, ""), (50, 25_557_032, ""), (101, 44_549_160, ""), (152, 60_192_808, ""),
    ]),
    *family("resnet", "plain", RGB224, 1000, [(18, 11_515_688, ""), (34, 21_623_848, "")]),
    *family("resnet_cifar", "resnet_cifar", RGB32, 10, [
        (20, 269_722, "0.27M"), (32, 464_154, "0.46M"), (44, 658_586, "0.66M"), (56, 853_018, "0.85M"),
        (110, 1_727_962, "1.7M"), (1202, 19_421_274, "19.4M"),
    ]),
    Model("resnet_cifar", "stochastic_depth", (110,), RGB32, (10,), 1_727_962, "1.7M"),
    *family("densenet", "densenet", RGB224, 1000, [
        (121, 7_978_856, ""), (169, 14_149_480, ""), (201, 20_013_928, ""), (161, 28_681_000, ""),
    ]),
    *family("densenet", "densenet_cifar", RGB32, 10, [
        (12, 40, False, 1_019_722, "1.0M"), (12, 100, False, 6_979_642, "7.0M"), (24, 100, False, 27_249_082, "27.2M"),
        (12, 100, True, 769_162, "0.8M"), (24, 250, True, 15_324_406, "15.3M"), (40, 190, True, 25_624_430, "25.6M"),
    ]),
    Model("alphago", "alphago", (), (48, 19, 19), (361,), 3_882_793),
    Model("srcnn", "srcnn", (), (1, 33, 33), (1, 33, 33), 8_032 + 97),
    Model("srcnn", "srcnn", ("9-5-5", False), (1, 33, 33), (1, 17, 17), 57_184 + 97),
    Model("vdsr", "vdsr", (), (1, 41, 41), (1, 41, 41), 664_704 + 1_217),
    Model("carn", "carn", (), (3, 24, 24), (3, 48, 48), 1_591_939, "1592K"),
    Model("unet", "unet", (), (1, 572, 572), (2, 388, 388), 31_030_658),
    Model("fcn8s", "fcn8s", (), (3, 500, 500), (21, 500, 500), 134_489_759, "134M"),
    Model("yolo", "yolo", (), (3, 448, 448), (7, 7, 30), 271_703_550),
    *family("resnext", "resnext", RGB224, 1000, [
        (50, 25_028_904, "25.0M"), (101, 44_177_704, "44M"), (101, 64, 83_455_272, ""),
    ]),
    *family("preact_resnet", "preact_resnet", RGB32, 10, [(164, 1_703_258, "1.7M"), (1001, 10_327_706, "10.3M")]),
    *family("preact_resnet", "wide_resnet", RGB32, 10, [
        (16, 8, 10_961_370, "11.0M"), (28, 10, 36_479_194, "36.5M"), (16, 4, 2_748_890, "2.7M"),
    ]),
    Model("all_cnn", "all_cnn", (), RGB32, (10,), 1_369_738),
    Model("highway", "highway", (), (1, 28, 28), (10,), 85_660),
    Model("fractalnet", "fractalnet", (), RGB32, (10,), 24_549_578),
    Model("inception_v4", "inception_v4", (), RGB299, (1000,), 42_679_816),
    *family("inception_resnet", "inception_resnet", RGB299, 1000, [(1, 22_756_328, ""), (2, 32_433_928, "")]),
]  # fmt: skip
