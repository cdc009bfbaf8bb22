"""The reference networks: their sizes against papers and slides, their outputs against torchvision's."""

from __future__ import annotations

import copy
import re

import pytest
import torch
from models import MODELS, Model
from test_reference import declare_torchvision_operations
from torch import Tensor, nn

from reference import alexnet, densenet, googlenet, lenet5, resnet, resnext, style_transfer, unet, vgg

declare_torchvision_operations()
from torchvision import models as published  # noqa: E402


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def with_values_of(network: nn.Module, other: nn.Module) -> nn.Module:
    """``network`` with random values of ``other``, which has the same tensors in the same order."""
    torch.manual_seed(0)
    for buffer in other.buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    ours, theirs = network.state_dict(), other.state_dict()
    assert [tuple(tensor.shape) for tensor in ours.values()] == [tuple(tensor.shape) for tensor in theirs.values()]
    network.load_state_dict(dict(zip(ours, theirs.values(), strict=True)))
    return network


def assert_same_outputs(network: nn.Module, other: nn.Module, side: int = 64) -> None:
    with_values_of(network, other)
    x = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(x), other.eval()(x), rtol=1e-4, atol=1e-4)


SLOW = (("resnet_cifar", (1202,)), ("preact_resnet", (1001,)), ("densenet_cifar", (24, 250, True)))
ROWS = [
    pytest.param(one, marks=[pytest.mark.long] if (one.function, one.arguments) in SLOW else []) for one in MODELS
]


@pytest.mark.parametrize("model", ROWS, ids=lambda one: f"{one.function}-{'-'.join(map(str, one.arguments))}")
def test_a_reference_has_the_stated_parameters_and_output(model: Model) -> None:
    network = model.outline().eval()
    output = network(torch.empty(1, *model.input_shape, device="meta"))
    assert (parameters(network), tuple(output.shape[1:])) == (model.parameters, model.output_shape)
    if model.stated:
        number, unit = re.fullmatch(r"([\d.]+)([KM])", model.stated).groups()  # type: ignore[union-attr]
        digits = len(number.partition(".")[2])
        assert f"{model.parameters / (1e3 if unit == 'K' else 1e6):.{digits}f}" == number


def test_the_layers_of_lenet5_have_the_papers_parameters() -> None:
    layers = {name: parameters(child) for name, child in lenet5.lenet5().named_children() if parameters(child)}
    assert layers == {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164}


def test_a_radial_basis_unit_measures_the_distance_to_its_code() -> None:
    output = lenet5.RadialBasis(84, 10)
    assert output(output.codes).diagonal().tolist() == [0.0] * 10
    assert set(output.codes.unique().tolist()) == {-1.0, 1.0}


def test_the_scaled_tanh_maps_one_to_one() -> None:
    assert lenet5.ScaledTanh()(torch.tensor([1.0, -1.0])).tolist() == pytest.approx([1.0, -1.0], abs=1e-4)


def test_the_two_gpus_of_alexnet_have_the_lectures_filters() -> None:
    network = alexnet.alexnet_two_gpus()
    shapes = [tuple(conv.weight.shape) for conv in network.children() if isinstance(conv, nn.Conv2d)]
    assert shapes == [(96, 3, 11, 11), (256, 48, 5, 5), (384, 256, 3, 3), (384, 192, 3, 3), (256, 192, 3, 3)]


@pytest.mark.parametrize("depth", [18, 34])
def test_a_basic_resnet_computes_what_torchvisions_does(depth: int) -> None:
    assert_same_outputs(resnet.resnet(depth), getattr(published, f"resnet{depth}")())


def test_a_bottleneck_resnet_with_the_stride_moved_computes_what_torchvisions_does() -> None:
    assert_same_outputs(resnet.resnet(50, stride_in_3x3=True), published.resnet50())


def test_a_bottleneck_resnet_as_in_the_paper_differs_from_torchvisions_by_the_place_of_the_stride() -> None:
    theirs, ours = published.resnet50(), with_values_of(resnet.resnet(50), published.resnet50())
    found = [tuple(conv.stride) for conv in theirs.layer2[0].children() if isinstance(conv, nn.Conv2d)]
    assert found == [(1, 1), (2, 2), (1, 1)]
    first = next(iter(ours.conv3_x))  # type: ignore[arg-type]
    assert [tuple(conv.stride) for conv in first.children() if isinstance(conv, nn.Conv2d)] == [(2, 2), (1, 1), (1, 1)]


def test_a_resnext_computes_what_torchvisions_does() -> None:
    assert_same_outputs(resnext.resnext(), published.resnext50_32x4d())


def test_a_densenet_computes_what_torchvisions_does() -> None:
    assert_same_outputs(densenet.densenet(121), published.densenet121())


@pytest.mark.parametrize(("depth", "blocks"), [(101, "layer3"), (152, "layer3")])
def test_deep_resnets_have_torchvisions_tensors(depth: int, blocks: str) -> None:
    with torch.device("meta"):
        theirs = getattr(published, f"resnet{depth}")()
    assert shapes(resnet.ResNet(depth), theirs) == shapes(theirs, theirs)


@pytest.mark.parametrize("depth", [161, 169, 201])
def test_deep_densenets_have_torchvisions_tensors(depth: int) -> None:
    with torch.device("meta"):
        theirs, ours = getattr(published, f"densenet{depth}")(), densenet.densenet(depth)
    assert shapes(ours, theirs) == shapes(theirs, theirs)


def shapes(network: nn.Module, like: nn.Module) -> list[tuple[int, ...]]:
    return [tuple(tensor.shape) for tensor in network.state_dict().values()]


@pytest.mark.parametrize(("configuration", "name"), [("A", "vgg11"), ("B", "vgg13"), ("D", "vgg16"), ("E", "vgg19")])
def test_the_convolutions_of_vgg_compute_what_torchvisions_do(configuration: str, name: str) -> None:
    with torch.device("meta"):
        theirs, ours = getattr(published, name)(), vgg.vgg(configuration)
    assert shapes(ours, theirs) == shapes(theirs, theirs)
    convolutions = [copy.copy(net.features).to_empty(device="cpu") for net in (ours, theirs)]
    for parameter in convolutions[1].parameters():
        nn.init.normal_(parameter, std=0.05)
    assert_same_outputs(convolutions[0], convolutions[1], side=32)


def test_googlenet_has_the_papers_5x5_where_torchvisions_has_3x3() -> None:
    with torch.device("meta"):
        theirs = published.googlenet(aux_logits=False, init_weights=False)
    ours = googlenet.Inception(192, googlenet.INCEPTIONS["3a"])
    assert [conv.kernel_size for conv in ours.branch3.modules() if isinstance(conv, nn.Conv2d)] == [(1, 1), (5, 5)]
    found = [conv.kernel_size for conv in theirs.inception3a.branch3.modules() if isinstance(conv, nn.Conv2d)]
    assert found == [(1, 1), (3, 3)]


def test_googlenet_with_auxiliary_classifiers_gives_three_scores_in_training_alone() -> None:
    with torch.device("meta"):
        network, x = googlenet.googlenet(auxiliary=True), torch.empty(2, 3, 224, 224)
    assert [tuple(scores.shape) for scores in network.train()(x)] == [(2, 1000)] * 3
    assert tuple(network.eval()(x).shape) == (2, 1000)


def test_a_naive_inception_module_keeps_the_channels_of_its_input() -> None:
    x = torch.zeros(1, 256, 28, 28)
    assert googlenet.NaiveInception(256, 128, 192, 96)(x).shape == (1, 672, 28, 28)
    assert googlenet.Inception(256, (128, 64, 192, 64, 96, 64))(x).shape == (1, 480, 28, 28)


def test_unet_has_23_convolutional_layers() -> None:
    with torch.device("meta"):
        network = unet.unet()
    assert sum(isinstance(module, nn.Conv2d | nn.ConvTranspose2d) for module in network.modules()) == 23


def test_the_gram_matrix_and_the_losses_are_those_of_the_paper() -> None:
    torch.manual_seed(0)
    generated, style = torch.randn(1, 3, 4, 5), torch.randn(1, 3, 4, 5)
    flat: list[Tensor] = [one[0].reshape(3, 20) for one in (generated, style)]
    grams = [sum(one[:, k : k + 1] * one[:, k] for k in range(20)) for one in flat]
    torch.testing.assert_close(style_transfer.gram(generated)[0], grams[0])
    squares = sum(float((grams[0][i, j] - grams[1][i, j]) ** 2) for i in range(3) for j in range(3))
    losses = [float(style_transfer.style_loss(generated, style, slide)) for slide in (False, True)]
    assert losses == pytest.approx([squares / (4 * 9 * 400), squares / 2], rel=1e-4)
    assert float(style_transfer.content_loss(generated, generated)) == 0.0
