"""Records networks with the probe's own capture, in a process of its own: the probe patches torch.

    python -I record_networks.py MODULE.py FOLDER

MODULE.py holds ``NETWORKS``: name -> function that makes a module for images of ``SHAPE``. FOLDER gets a file of frames
for each: the graphs, the digests, and what the module itself answers and becomes in three steps of SGD.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

PROBE = Path(__file__).resolve().parents[1] / "grader" / "probe" / "main.py"
SEED, STEPS, BATCH = 1000, 3, 5


def load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main(source: Path, folder: Path) -> None:
    load(PROBE, "probe_main").load_package()
    import torch
    from grader_probe import capture, frames, places

    torch.set_num_threads(1)
    sources = places.Sources(str(source.parent))
    births = capture.Births(sources)
    births.install()
    sys.path.insert(0, str(source.parent))  # one file of networks may build on another
    pieces = load(source, "pieces")
    for name, make in pieces.NETWORKS.items():
        torch.manual_seed(0)
        module = make()
        channel = frames.Channel(os.open(folder / f"{name}.frames", os.O_WRONLY | os.O_CREAT))
        channel.json("begin", python="")
        send(channel, module, (sources, births), tuple(pieces.SHAPE))
        channel.end()


def send(channel: Any, module: Any, watch: Any, shape: tuple[int, ...]) -> None:
    from grader_probe import network

    found = network.Found(module, "Net", None, "")
    made = network.Recordings(found, shape, 10, watch)
    graphs = made.make(BATCH, SEED)
    for mode, graph in graphs.items():
        for value, tensor in graph.tensors.items():
            channel.tensor(f"{mode}/{value}", tensor)
        channel.json("graph", graph=graph.content(), symbolic_batch=made.symbolic)
    failures = [made.failure] if made.failure else []
    answered = not failures and graphs["train"].output is not None
    digests = {} if not answered else network.digest(found, shape, 10, graphs["train"].batch, SEED)
    used = {leaf["name"] for graph in graphs.values() for leaf in graph.leaves.values()}
    unused = [unused_leaf(name, value) for name, value in module.named_parameters() if name not in used]
    channel.json(
        "network", probes=digests, unsupported=made.unsupported, failures=failures, output_count=1, unused=unused
    )
    if answered:
        send_training(channel, module, shape)
    channel.json("result", status="forward-error" if failures else "graded")


def unused_leaf(name: str, value: Any) -> dict[str, Any]:
    plain = {"role": "parameter", "dtype": "float32", "registered": True, "requires_grad": True, "where": None}
    return {"name": name, "shape": list(value.shape), **plain}


def send_training(channel: Any, module: Any, shape: tuple[int, ...]) -> None:
    """What the student's own module answers in both modes, and its weights and buffers after some steps of SGD."""
    import torch

    module.eval()
    images = torch.randn((BATCH, *shape), generator=torch.Generator().manual_seed(SEED))
    channel.tensor("answer/eval", module(images))
    module.train()
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    if not weights:
        return
    optimizer = torch.optim.SGD(weights, lr=0.01, momentum=0.9)
    torch.manual_seed(SEED)
    for step in range(STEPS):
        optimizer.zero_grad()
        answer = module(images)
        channel.tensor(f"answer/{step}", answer)
        if answer.requires_grad:
            answer.square().mean().backward()
        optimizer.step()
    for name, weight in [*module.named_parameters(), *module.named_buffers()]:
        channel.tensor(f"after/{name}", weight)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
