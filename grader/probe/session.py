"""One session of the probe, on one screen: read, run, find the network, record it, send what was seen."""

from __future__ import annotations

import os
import platform
import random
import sys
import warnings
from pathlib import Path
from typing import Any

from . import places, program, statuses
from .frames import Channel, Unsendable
from .limits import Clock, TimeLimit

MOST_WEIGHTS_BYTES = 1_600_000_000  # of all snapshots; under Limits.evidence_mb
LARGEST_PICTURE = 3 * 256 * 256  # numbers of a picture that the network is recorded on


def run(request: dict[str, Any], job: Path, channel: Channel, clock: Clock) -> None:
    channel.json("begin", python=platform.python_version())
    root = os.path.realpath(job / "submission")
    sources = places.Sources(root)
    phase(channel, "collect")
    programs = program.read(request["programs"], root, sources)
    entry, reason = program.choose_entry(programs, str(request.get("entry", "")))
    broken = [unit.error for one in programs for unit in one.units if unit.error is not None]
    if entry is None:
        channel.json("program", entry="", reason="", ended="not-run", failures=broken, stand_ins=[])
        channel.json("result", status="syntax-error" if broken else "no-model")
        return
    tools = Tools(request, root, sources)
    channel.json("versions", **tools.versions)
    phase(channel, "import")
    tools.watcher.stage = stage = Stage(channel)
    try:
        program.run(entry, root, sources, clock)
    except TimeLimit:
        entry.ended = "time"
    clock.stop()
    tools.watcher.flush_line()
    tools.watcher.paused = True
    tools.watcher.finish()
    channel.json(
        "program",
        entry=entry.path,
        reason=reason,
        ended=entry.ended,
        stage=stage.name,
        failures=entry.failures,
        stand_ins=list(tools.stand_ins),
        notes=entry.notes,
        rivals=program.rivals(programs, entry),
    )
    tools.hard_coded = any(program.holds_number(one, 10_000) for one in programs)
    try:
        tools.send_training(channel)
        tools.send_network(channel, programs, entry)
    except Unsendable as odd:
        channel.json("network", unsupported=f"{odd} cannot be recorded")
        channel.json("result", status="trace-unsupported")


def phase(channel: Channel, name: str) -> None:
    channel.json("phase", phase=name)


class Stage:
    """How far the program has come while it runs: import, train or test; told whenever it changes."""

    def __init__(self, channel: Channel) -> None:
        self.channel, self.name = channel, "import"

    def __call__(self, name: str) -> None:
        if name != self.name:
            self.name = name
            phase(self.channel, name)


class Tools:
    """torch, with the watcher and the stand-ins in place: from here on everything is student's country."""

    def __init__(self, request: dict[str, Any], root: str, sources: places.Sources) -> None:
        import torch

        from . import compiler

        compiler.defer()
        from . import assembled, by_hand, capture, datasets, loops, network, patches, pictures, recorder, stand_ins
        from .vision import torchvision

        self.request = request
        self.shape = tuple(request["input_shape"])
        self.classes = int(request["classes"])
        self.sources = sources
        position = int(request.get("network", 0))
        self.watcher = recorder.Watcher(sources, request["training_steps"], self.classes, position)
        self.watcher.loops = loops.Loops(self.watcher)
        known = pictures.Pictures(Path(request["data_dir"]), int(request["test_images"]))
        self.watcher.hand = by_hand.ByHand(self.watcher, known, self.watcher.loops)
        self.watcher.loops.install(sources)
        self.births = capture.Births(sources)
        self.network = network
        self.versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
        torch.set_num_threads(int(request.get("threads", 1)))
        random.seed(0)
        torch.manual_seed(0)
        sys.modules["numpy"].random.seed(0)
        warnings.simplefilter("ignore")
        os.chdir(root)
        own = frozenset(name.partition(".")[0] for name in os.listdir(root))
        self.stand_ins = stand_ins.install(root, own)
        datasets.install(
            Path(request["data_dir"]), self.watcher, int(request["batch_cap"]), int(request["test_images"])
        )
        patches.install(self.watcher, self.births.of_module)
        assembled.Assembler(self.watcher, sources, self.shape).install()
        self.births.install()

    # ---- the training loop and the tests ------------------------------------------------------------------

    def send_training(self, channel: Channel) -> None:
        watcher = self.watcher
        self._keep_what_fits()
        root = watcher.steps[0].root if watcher.steps else None
        names = {id(value): name for name, value in root.named_parameters()} if root is not None else {}
        channel.json(
            "training",
            steps=[self._send_step(channel, index, step) for index, step in enumerate(watcher.steps)],
            snapshots=self._send_snapshots(channel),
            optimizers=_optimizers(watcher, names),
            losses=watcher.losses,
            schedulers=watcher.schedulers,
            on_test_data=any(step.session is not None and step.session.split == "test" for step in watcher.steps),
            where=watcher.steps[0].session.where if watcher.steps and watcher.steps[0].session else None,
        )
        channel.json("networks", trained=[type(root).__name__ for root in watcher.trained.values()])
        channel.json(
            "tests",
            passes=[
                _test_pass(one, watcher, self.hard_coded) for one in watcher.passes if not one.trains and one.batches
            ],
        )
        channel.json(
            "loaders",
            loaders=[_loader(loader, declared, where) for loader, declared, where in watcher.loaders.values()],
        )
        channel.json("inputs", inputs=_input_statistics(watcher))

    def _keep_what_fits(self) -> None:
        """Fewer steps of a network so large that all its snapshots would not get through."""
        steps = self.watcher.steps
        size = sum(value.numel() * value.element_size() for value in (steps[0].weights or {}).values()) if steps else 0
        most = max(1, MOST_WEIGHTS_BYTES // max(size, 1) - 2)  # besides the last snapshot and the graph's own copy
        if len(steps) > most:
            self.watcher.final, self.watcher.steps = steps[most].weights, steps[:most]

    def _send_step(self, channel: Channel, index: int, step: Any) -> dict[str, Any]:
        names: dict[str, str | None] = {}
        labels = step.labels if step.labels is not None else step.targets
        for kind, tensor in (
            ("inputs", step.inputs), ("labels", labels), ("outputs", step.outputs),
            ("output_gradient", step.output_gradient), ("targets", step.targets), ("generator", step.generator),
        ):
            names[kind] = f"step/{index}/{kind}" if tensor is not None else None
            if tensor is not None:
                channel.tensor(f"step/{index}/{kind}", tensor)
        return {"index": index, **names, "events": step.events, "loss": step.loss, "training_mode": step.training_mode}

    def _send_snapshots(self, channel: Channel) -> list[dict[str, str]]:
        if not self.watcher.steps:
            return []
        sent = []
        for index, weights in enumerate([*(step.weights for step in self.watcher.steps), self.watcher.final]):
            for name, tensor in (weights or {}).items():
                channel.tensor(f"weights/{index}/{name}", tensor)
            sent.append({name: f"weights/{index}/{name}" for name in weights or {}})
        return sent

    # ---- the network --------------------------------------------------------------------------------------

    def send_network(self, channel: Channel, programs: list[program.Program], entry: program.Program) -> None:
        phase(channel, "construct")
        self.entry = entry
        finder = self.network.Finder(self.sources, self.births, self.watcher, self.shape)
        try:
            found = finder.find(programs)
        except MemoryError:
            channel.json("result", status="memory-limit")
            return
        channel.json("candidates", candidates=[one.content() for one in found], failures=finder.failures)
        if len(found) != 1:
            status = "ambiguous-model" if found else statuses.without_network(entry, finder.failures)
            channel.json("result", status=status)
            return
        phase(channel, "forward")
        self._send_graphs(channel, found[0])

    def _send_graphs(self, channel: Channel, found: Any) -> None:
        import torch

        seed = int(self.request["probe_seed"])
        fed = self.watcher.steps[0].inputs if self.watcher.steps else None
        own = 0 if fed is None else len(fed)
        if fed is not None and fed.dim() == len(self.shape) + 1 and fed[0].numel() <= LARGEST_PICTURE:
            self.shape = tuple(fed.shape[1:])  # pictures that were made grey, or larger
        made = self.network.Recordings(found, self.shape, self.classes, (self.sources, self.births))
        graphs = made.make(own, seed)
        used = {leaf["name"] for graph in graphs.values() for leaf in graph.leaves.values()}
        unused = [
            {
                "name": name,
                "role": "parameter",
                "shape": list(value.shape),
                "dtype": str(value.dtype).removeprefix("torch."),
                "registered": True,
                "requires_grad": bool(value.requires_grad),
                "where": self.births.of_parameter(value)
                or self.births.of_module(found.module.get_submodule(name.rpartition(".")[0])),
            }
            for name, value in found.module.named_parameters()
            if name not in used and not isinstance(value, torch.nn.parameter.UninitializedTensorMixin)
        ]
        for mode, graph in graphs.items():
            for value, leaf in graph.leaves.items():
                constant = leaf["role"] == "constant"
                if graph.tensors[value].numel() <= 1_000_000 if constant else mode == "train":
                    channel.tensor(f"{mode}/{value}", graph.tensors[value])
            channel.json("graph", graph=graph.content(), symbolic_batch=made.symbolic)
        failure = made.failure
        digests: dict[str, Any] = {}
        if failure is None and "train" in graphs:
            batch = graphs["train"].batch
            try:
                digests = self.network.digest(found, self.shape, self.classes, batch, seed)
            except Exception as error:
                digests = {"error": f"{type(error).__name__}: {error}"[:300]}
        count = graphs["train"].output_count if "train" in graphs else 0
        channel.json(
            "network",
            chosen=found.content(),
            unused=unused,
            output_count=count,
            input_shape=list(self.shape),
            probes=digests,
            unsupported=made.unsupported,
            failures=[failure] if failure else [],
        )
        ended = "forward-error" if failure else "trace-unsupported" if made.unsupported else ""
        channel.json("result", status=ended or statuses.of_run(self.watcher, self.entry))


def _optimizers(watcher: Any, names: dict[int, str]) -> list[dict[str, Any]]:
    """Those of the recorded network; all, where the program trains no other and they may be meant for it."""
    found = [_optimizer(record, names) for record in watcher.optimizers]
    own = [one for one in found if not one["stale"]]
    return own if own and len(watcher.trained) > 1 else found


def _optimizer(record: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    from .patches import groups_of

    parameters = [value for group in record["optimizer"].param_groups for value in group["params"]]
    known = [names.get(id(value), "") for value in parameters]
    return {
        "kind": record["kind"],
        "groups": record.get("groups") or groups_of(record["optimizer"]),
        "parameters": known,
        "where": record["where"],
        "stale": bool(names) and not any(known),
        "steps": record["steps"],
        "rates": record["rates"],
        "schedule": record["schedule"],
    }


def _test_pass(one: Any, watcher: Any, hard_coded: bool) -> dict[str, Any]:
    from . import datasets

    first = watcher.steps[0] if watcher.steps else None
    root = first.root if first is not None else None
    session = first.session if first is not None else None
    trained_on = datasets.root_of(session.loader.dataset) if session is not None else None
    data = datasets.root_of(one.loader.dataset)
    return {
        "split": one.split,
        "batches": one.batches,
        # A loop that counts its batches itself does not ask whether there are more.
        "complete": (one.complete or one.samples >= one.nominal > 0) and one.forwards >= one.batches,
        "samples": one.samples,
        "nominal": one.nominal,
        "split_size": one.split_size,
        "data_where": getattr(data, "_where", None) if data is not trained_on else None,
        "hard_coded": hard_coded,
        "declared_batch_size": one.declared,
        "with_grad": one.with_grad,
        "training_mode": one.training_mode,
        "correct": one.correct,
        "same_network": root is None or one.root is root or type(one.root) is type(root),
        "printed": one.printed,
        "printed_where": one.printed_where,
        "where": one.where,
    }


def _loader(loader: Any, declared: int, where: Any) -> dict[str, Any]:
    from . import datasets

    sampler = type(getattr(loader, "sampler", None)).__name__
    return {
        "split": datasets.split_of(loader.dataset),
        "batch_size": declared,
        "shuffle": "Random" in sampler,
        "transform": datasets.transform_of(loader.dataset),
        "where": where,
    }


def _input_statistics(watcher: Any) -> list[dict[str, Any]]:
    """Per channel, of the batches that the network was fed: those of training steps, and those of test passes."""
    import torch

    by_split: dict[str, list[Any]] = {}
    places_of: dict[str, Any] = {}
    for step in watcher.steps:
        split = step.session.split if step.session is not None else "unknown"
        key = "train" if split != "test" else "test-as-train"
        by_split.setdefault(key, []).append(step.inputs)
        places_of.setdefault(key, step.session.where if step.session is not None else None)
    for entry in watcher.inputs:
        if entry["split"] == "test" and not entry["session"].trains:
            by_split.setdefault("test", []).append(entry["images"])
            places_of.setdefault("test", entry["where"])
    statistics = []
    for split, batches in by_split.items():
        first = batches[0]
        batches = [one for one in batches if one.shape[1:] == first.shape[1:]]
        if first.dim() != 4:
            continue
        joined = torch.cat(batches).float()
        channels = joined.transpose(0, 1).reshape(joined.shape[1], -1)
        statistics.append({
            "split": split,
            "minimum": channels.amin(1).tolist(),
            "maximum": channels.amax(1).tolist(),
            "mean": channels.mean(1).tolist(),
            "deviation": channels.std(1).tolist(),
            "where": places_of[split],
        })
    return statistics
