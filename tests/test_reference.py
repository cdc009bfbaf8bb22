"""The references against assignment.toml, the handout and the filled starters: what runs is what is written."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, TensorDataset

from grader import assignment
from grader.records import Assignment

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
IDS = ("quiz1", "quiz2", "quiz3")
declared: list[Any] = []  # what a collected Library declared is gone


def declare_torchvision_operations() -> None:
    """torchvision from PyPI beside a CPU-only torch cannot be imported before two of its operations are declared."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        library: Any = torch.library
        declared.append(library.Library("torchvision", "FRAGMENT"))
        for name in ("nms", "qnms"):
            declared[0].define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def load_module(path: Path) -> ModuleType:
    declare_torchvision_operations()
    spec = util.spec_from_file_location(f"loaded_{path.stem}", path)
    assert spec and spec.loader
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)


def conv_row(x: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    return "conv", {
        "in_channels": weight.shape[1] * groups,
        "out_channels": weight.shape[0],
        "kernel_size": list(weight.shape[2:]),
        "stride": pair(stride),
        "padding": pair(padding),
        "dilation": pair(dilation),
        "groups": groups,
        "bias": bias is not None,
    }


def linear_row(x: Tensor, weight: Tensor, bias: Any) -> Any:
    return "linear", {"in_features": weight.shape[1], "out_features": weight.shape[0], "bias": bias is not None}


def max_pool_row(x: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, **options: Any) -> Any:
    sizes = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    return "max_pool", {name: pair(size) for name, size in sizes.items()}


def avg_pool_row(x: Tensor, kernel: Any, stride: Any, padding: Any, *options: Any) -> Any:
    return "avg_pool", {"kernel_size": pair(kernel), "stride": pair(stride), "padding": pair(padding)}


ROWS: Mapping[str, Callable[..., Any]] = {
    "conv2d": conv_row,
    "linear": linear_row,
    "max_pool2d": max_pool_row,
    "avg_pool2d": avg_pool_row,
    "relu": lambda x, **options: ("relu", {"function": "relu"}),
    "add": lambda x, y: ("add", {}),
}
SHAPE_ONLY = {"flatten"}


class Recorder(TorchFunctionMode):
    """Writes down each operation on the image: its kind and attributes, its output's shape, its parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[str, Mapping[str, Any]]] = []
        self.shapes: list[str] = []
        self.counts: list[int] = []
        self.unknown: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func.__name__
        if name in ROWS:
            self.rows.append(ROWS[name](*args, **(kwargs or {})))
            self.shapes.append(" × ".join(str(size) for size in result.shape[1:]))
            self.counts.append(sum(x.numel() for x in args if isinstance(x, nn.Parameter)))
        elif name not in SHAPE_ONLY:
            self.unknown.append(name)
        return result


def record(network: nn.Module, spec: Assignment) -> Recorder:
    image = torch.zeros(1, *spec.input_shape)
    recorder = Recorder()
    with torch.no_grad(), recorder:
        network(image)
    return recorder


def network_of(spec: Assignment, **arguments: Any) -> nn.Module:
    network = getattr(load_module(REFERENCE / f"{spec.id}.py"), spec.reference)(**arguments)
    assert isinstance(network, nn.Module)
    return network


@pytest.mark.parametrize("id", IDS)
def test_the_reference_runs_exactly_the_rows_of_the_assignment(id: str) -> None:
    spec = assignment.load(id)
    recorder = record(network_of(spec), spec)
    assert recorder.unknown == []
    assert recorder.rows == [(layer.kind, layer.attributes) for layer in spec.layers]


@pytest.mark.parametrize("id", IDS)
def test_the_reference_has_the_parameters_and_the_classes_of_the_assignment(id: str) -> None:
    spec = assignment.load(id)
    network = network_of(spec)
    assert sum(parameter.numel() for parameter in network.parameters()) == spec.parameters
    for batch in (1, 3):
        assert tuple(network(torch.zeros(batch, *spec.input_shape)).shape) == (batch, spec.classes)


@pytest.mark.parametrize("id", IDS)
def test_the_handout_prints_the_shapes_the_counts_and_the_points(id: str) -> None:
    spec = assignment.load(id)
    recorder = record(network_of(spec), spec)
    handout = (spec.folder / "handout.md").read_text(encoding="utf-8")
    printed = re.findall(r"^\| `([\w.]+)` \| .* \| ([\d ×]+) \| ?([\d,]*) \|$", handout, re.MULTILINE)
    counts = [f"{count:,}" if count else "" for count in recorder.counts]
    assert printed == list(zip([layer.name for layer in spec.layers], recorder.shapes, counts, strict=True))
    assert f"**{spec.parameters:,}**" in handout
    points = re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", handout, re.MULTILINE)
    assert points == [(check.id, f"{check.points:g}") for check in spec.checks]


@pytest.mark.parametrize("id", IDS)
def test_the_reference_trains_by_the_recipe(id: str) -> None:
    spec = assignment.load(id)
    module = load_module(REFERENCE / f"{id}.py")
    network = network_of(spec)
    optimizer = module.optimizer(network)
    (group,) = optimizer.param_groups
    used = {name: group[name] for name in spec.recipe.hyperparameters}
    assert type(optimizer).__name__ == spec.recipe.optimizer
    assert used == {k: tuple(v) if isinstance(v, list) else v for k, v in spec.recipe.hyperparameters.items()}
    assert group["params"] == list(network.parameters())
    scores, labels = torch.randn(4, spec.classes), torch.arange(4)
    assert torch.equal(module.loss_function()(scores, labels), getattr(nn.functional, spec.recipe.loss)(scores, labels))


def test_an_alternative_changes_the_last_pool_of_vgg_and_nothing_else() -> None:
    spec = assignment.load("quiz2")
    rows = [(layer.kind, layer.attributes) for layer in spec.layers]
    average = ("avg_pool", {"kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0]})
    expected = {
        "average instead of the fifth max-pool": [*rows[:-2], average, rows[-1]],
        "average instead of the fifth max-pool, the ReLU behind it": [*rows[:-3], average, rows[-3], rows[-1]],
    }
    found = {title: record(network_of(spec, **arguments), spec).rows for title, arguments in spec.alternatives.items()}
    assert found == expected


def test_a_block_without_its_convolutions_is_relu_of_its_input() -> None:
    block = load_module(REFERENCE / "quiz3.py").ResidualBlock(2, hidden=4)
    for parameter in block.parameters():
        nn.init.zeros_(parameter)
    image = torch.linspace(-1, 1, 2 * 3 * 3).reshape(1, 2, 3, 3)
    assert torch.equal(block(image), torch.relu(image))


def test_the_training_and_test_of_a_reference_memorise_a_batch() -> None:
    module = load_module(REFERENCE / "quiz1.py")
    torch.manual_seed(0)
    images, labels = torch.randn(16, 3, 32, 32), torch.arange(16) % 10
    loader: DataLoader[Any] = DataLoader(TensorDataset(images, labels), batch_size=8)
    network = module.LeNet().to(module.DEVICE)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.002)  # sooner there than the handout's SGD
    module.train(network, loader, optimizer, module.loss_function(), epochs=30)
    assert module.test(network, loader) == 1.0
    assert not network.training


# ---- starters -----------------------------------------------------------------------------------------------

STEP = """optimizer.zero_grad()
scores = network(images)
loss = loss_function(scores, labels)
loss.backward()
optimizer.step()
total += loss.item()"""
TEST = """predicted = network(images).argmax(dim=1)
correct += (predicted == labels).sum().item()
seen += len(labels)"""
EVERYWHERE = {"the loss": "return nn.CrossEntropyLoss()", "the training step": STEP, "the test": TEST}
ANSWERS = {
    "quiz1": {
        "the layers": """self.pool = nn.MaxPool2d(2, 2)
self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)""",
        "the forward pass": """x = self.pool(torch.relu(self.conv1(x)))
x = self.pool(torch.relu(self.conv2(x)))
return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x.flatten(1))))))""",
        "the optimizer": "return torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)",
    },
    "quiz2": {
        "the layers": """widths = [3, 64, 128, 256, 256, 512, 512, 512, 512]
self.convolutions = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in zip(widths, widths[1:]))
self.fc = nn.Linear(512, 10)""",
        "the forward pass": """for number, convolution in enumerate(self.convolutions, 1):
    x = torch.relu(convolution(x))
    if number in (1, 2, 4, 6, 8):
        x = nn.functional.max_pool2d(x, 2, 2)
return self.fc(x.flatten(1))""",
        "the optimizer": "return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)",
    },
    "quiz3": {
        "the layers of the block": """self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1)
self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1)""",
        "the forward pass of the block": "return torch.relu(self.conv2(torch.relu(self.conv1(x))) + x)",
        "the layers": """self.pool = nn.MaxPool2d(2, 2)
self.conv = nn.Conv2d(3, 64, 3, padding=1)
self.block1, self.block2 = Block(64, 256), Block(64, 256)
self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)""",
        "the forward pass": """x = self.pool(self.block1(torch.relu(self.conv(x))))
x = self.pool(self.block2(x))
return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x.flatten(1))))))""",
        "the optimizer": "return torch.optim.Adam(network.parameters(), lr=0.001)",
    },
}


def starter(id: str) -> str:
    return (REFERENCE.parent / "assignments" / id / "starter" / "starter.py").read_text(encoding="utf-8")


def filled(id: str) -> str:
    """The starter with every gap filled as its comment says."""
    answers = {**EVERYWHERE, **ANSWERS[id]}

    def fill(gap: re.Match[str]) -> str:
        return "\n".join(gap[1] + line for line in answers.pop(gap[2]).splitlines())

    text = re.sub(r'^( *)raise NotImplementedError\("([\w ]+)"\)', fill, starter(id), flags=re.MULTILINE)
    assert answers == {} and "NotImplementedError" not in text
    return text


@pytest.mark.parametrize("id", IDS)
def test_a_filled_starter_is_the_network_of_the_reference(id: str, tmp_path: Path) -> None:
    spec = assignment.load(id)
    reference = getattr(load_module(REFERENCE / f"{id}.py"), spec.reference)()
    network = load_module(written(tmp_path / f"{id}_filled.py", filled(id))).Net()
    weights = list(reference.parameters())
    assert [parameter.shape for parameter in network.parameters()] == [weight.shape for weight in weights]
    with torch.no_grad():
        for parameter, weight in zip(network.parameters(), weights, strict=True):
            parameter.copy_(weight)
        images = torch.randn(2, *spec.input_shape, generator=torch.Generator().manual_seed(0))
        assert torch.equal(network(images), reference(images))


@pytest.mark.parametrize("id", IDS)
def test_a_filled_starter_takes_the_step_of_the_reference(id: str, tmp_path: Path) -> None:
    reference = load_module(REFERENCE / f"{id}.py")
    student = load_module(written(tmp_path / f"{id}_filled.py", filled(id)))
    torch.manual_seed(0)
    loader: DataLoader[Any] = DataLoader(TensorDataset(torch.randn(6, 3, 8, 8), torch.arange(6)), batch_size=2)
    classes = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 10))
    start = {name: value.clone() for name, value in classes.state_dict().items()}
    student.train(classes, loader, student.make_optimizer(classes), student.make_loss(), epochs=2)
    trained = {name: value.clone() for name, value in classes.state_dict().items()}
    accuracy = student.test(classes, loader)
    classes.load_state_dict(start)
    reference.train(classes, loader, reference.optimizer(classes), reference.loss_function(), epochs=2)
    assert all(torch.equal(trained[name], value) for name, value in classes.state_dict().items())
    assert not torch.equal(trained["1.weight"], start["1.weight"])
    assert accuracy == reference.test(classes, loader)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
