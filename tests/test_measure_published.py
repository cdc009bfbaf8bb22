"""Counts of torchvision's models against torchinfo and fvcore, where those are installed (they are not needed here)."""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import Any

import pytest
import torch

from grader.network import measure, outline
from grader.network.graph import Graph

outline.declare_torchvision_operations()
from torchvision import models  # noqa: E402

NAMES = (
    "alexnet", "vgg16", "resnet50", "resnext50_32x4d", "densenet121", "squeezenet1_0", "mobilenet_v2", "googlenet",
)  # fmt: skip


def build(name: str) -> torch.nn.Module:
    keywords: dict[str, Any] = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    made: torch.nn.Module = getattr(models, name)(weights=None, **keywords)
    return made


@cache
def graph(name: str) -> Graph:
    return outline.outline(lambda: build(name), (3, 224, 224))


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_those_of_the_module(name: str) -> None:
    with torch.device("meta"):
        network = build(name)
    rows = measure.table(graph(name))
    assert sum(row.parameters for row in rows) == sum(one.numel() for one in network.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_multiply_adds_are_fvcores_of_convolutions_and_linear_layers(name: str) -> None:
    analysis = pytest.importorskip("fvcore.nn", reason="fvcore is not installed; measured once, see docs/figures.md")
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    network, image = build(name).eval(), torch.zeros(1, 3, 224, 224)  # fvcore traces, which the meta device refuses
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        counted = analysis.FlopCountAnalysis(network, image).unsupported_ops_warnings(False).by_operator()
    assert measure.multiply_accumulates(graph(name)) == counted["conv"] + counted["linear"]


@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_multiply_adds_are_torchinfos(name: str) -> None:
    torchinfo = pytest.importorskip("torchinfo", reason="no torchinfo; measured once, see docs/figures.md")
    network = build(name).eval()
    found = torchinfo.summary(network, input_size=(1, 3, 224, 224), verbose=0, mode="eval")
    kinds = {"Conv2d": "conv", "Linear": "linear"}
    theirs = [row for row in found.summary_list if row.class_name in kinds and not row.is_recursive]
    ours = [row for row in measure.table(graph(name)) if row.kind in ("conv", "linear")]
    assert [(kinds[row.class_name], tuple(row.output_size[1:])) for row in theirs] == [
        (row.kind, row.shape) for row in ours
    ]
    biases = sum(
        row.activations for row in ours if graph(name).nodes[row.index].attributes["bias"]
    )  # torchinfo multiplies all parameters of a convolution, biases too, with the places
    assert sum(row.macs for row in theirs) == measure.multiply_accumulates(graph(name)) + biases
