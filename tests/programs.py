"""Student programs for the tests: one right program of a small network, to be changed in places, and how to run it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from grader import assignment, evidence, pipeline
from grader.isolate import zygote
from grader.records import Cell, Evidence, Job, Limits, RunResult, SourceFile, Submission

NETWORK = """\
import torch
from torch import nn
from torchvision import datasets, transforms

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 5, stride=4)
        self.fc = nn.Linear(196, 10)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).flatten(1))
"""
DATA = """\
to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
train_set = datasets.CIFAR10('data', train=True, download=True, transform=to_tensor)
test_set = datasets.CIFAR10('data', train=False, download=True, transform=to_tensor)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=4, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=4)
net = Net()
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
"""
TRAIN = """\
for epoch in range(2):
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = loss_function(net(images), labels)
        loss.backward()
        optimizer.step()
"""
TEST = """\
correct = total = 0
net.eval()
with torch.no_grad():
    for images, labels in test_loader:
        correct += (net(images).argmax(1) == labels).sum().item()
        total += len(labels)
print(f'Accuracy: {100 * correct / total:.2f} %')
"""
RIGHT = NETWORK + DATA + TRAIN + TEST


def line_of(program: str, text: str) -> int:
    return next(number for number, line in enumerate(program.splitlines(), 1) if text in line)


@contextmanager
def course_data() -> Iterator[Path]:
    """The arrays that the sandbox reads."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        pipeline.write_data(path, pipeline.Options())
        yield path
    zygote.ZYGOTE.stop()


def submission(*programs: SourceFile, **other: bytes) -> Submission:
    return Submission(
        name="s", programs=programs, other_files={key.replace("_", "."): one for key, one in other.items()}
    )


def notebook(*cells: str) -> SourceFile:
    return SourceFile(path="hw.ipynb", cells=tuple(Cell(number=n, source=one) for n, one in enumerate(cells, 1)))


def job(
    handed_in: Submission | str, data: Path, batch_cap: int = pipeline.BATCH_CAP, limits: Limits | None = None
) -> Job:
    if isinstance(handed_in, str):
        handed_in = submission(SourceFile(path="net.py", source=handed_in))
    quiz = assignment.load("quiz1")
    request = pipeline.request(quiz, pipeline.Options(threads=1)) | {"batch_cap": batch_cap}
    return Job(submission=handed_in, data_dir=data, request=request, limits=limits or quiz.limits)


def run(handed_in: Submission | str, data: Path, batch_cap: int = pipeline.BATCH_CAP) -> Evidence:
    return evidence.read(result(handed_in, data, batch_cap))


def result(handed_in: Submission | str, data: Path, batch_cap: int = pipeline.BATCH_CAP) -> RunResult:
    return zygote.run(job(handed_in, data, batch_cap))


def run_within(handed_in: Submission | str, data: Path, cpu_s: float, wall_s: float) -> Evidence:
    limits = replace(assignment.load("quiz1").limits, cpu_s=cpu_s, wall_s=wall_s)
    return evidence.read(zygote.run(job(handed_in, data, limits=limits)))
