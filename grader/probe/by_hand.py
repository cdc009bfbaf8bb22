"""Batches that came from no loader: their pictures tell split and labels, and their loops come to an end as well."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from . import datasets
from .likeness import is_same_batch
from .passes import HandMade, Iteration, Pass
from .pictures import Known, Pictures

STEPS_IN_FULL = 8  # after the recorded ones; later ones are answered from memory, and nothing is computed
MOST_STEPS = 5_000  # after the recorded ones, outside of any loop that could be ended


class ByHand:
    def __init__(self, watcher: Any, pictures: Pictures, loops: Any) -> None:
        self.watcher = watcher
        self.pictures = pictures
        self.loops = loops
        self.steps = 0  # after the recorded ones
        self.answers: dict[tuple[int, int], Any] = {}  # by network and size of the batch

    def begin(self, images: Any) -> None:
        """A network is about to be asked about ``images``: is that another iteration than the one under way?"""
        current = self.watcher.current
        if images is None or current is None:
            return
        if not is_by_hand(current):
            if self._is_foreign(images, current):
                self.watcher.turn_to(Iteration(None, None))
            return
        kept = next((one for one in reversed(self.watcher.taken) if is_same_batch(images, one.images)), None)
        if kept is not None:  # back to the loader's batch, after a look at others
            back = Iteration(kept.session, kept.labels)
            back.images = kept.images
            self.watcher.turn_to(back)
        elif current.root is not None and not current.stepped and not is_same_batch(images, current.inputs):
            another = Iteration(None, None)
            if not current.trains:  # gradients cleared after the last answer are cleared for this batch
                another.events = [one for one in current.events if one["kind"] == "zero_grad"][-1:]
            self.watcher.turn_to(another)

    def _is_foreign(self, images: Any, current: Iteration) -> bool:
        """Is this batch another than the one that the loader gave, and none of its pictures?"""
        if is_same_batch(images, current.images):
            return False
        if any(is_same_batch(images, one.images) for one in self.watcher.taken):
            return False
        known = self.pictures.identify(images)
        if known is None or current.session is None:
            return False
        if known.split != current.session.split and current.session.split != "unknown" and not torch.is_grad_enabled():
            return True
        given = self.pictures.identify(current.images)
        return given is not None and (known.split != given.split or set(known.numbers).isdisjoint(given.numbers))

    def explain(self, iteration: Iteration, images: Any) -> None:
        """What the loader does not tell of its batches: the split of a data set of the program's own, labels that
        are no tensor."""
        session = iteration.session
        if images is None or session is None or session.by_hand:
            return
        if session.split != "unknown" and iteration.labels is not None:
            return
        known = self.pictures.identify(images)
        if known is None:
            return
        iteration.labels = known.labels if iteration.labels is None else iteration.labels
        if session.split == "unknown":
            session.split = known.split
            session.allowance = self.watcher.allowance(session.loader, known.split)
            if known.split == "test":
                session.split_size = self.pictures.test_images
                session.nominal = session.nominal or session.split_size

    def count(self, iteration: Iteration, root: nn.Module, images: Any, answer: torch.Tensor) -> None:
        """A batch that no loader gave was answered."""
        known = self.pictures.identify(images)
        if known is None:
            return
        session = self._pass_of(known, len(images), root)
        session.batches += 1
        session.seen.update(known.numbers)
        session.complete = session.split != "test" or len(session.seen) >= min(session.nominal, self.pictures.count)
        if iteration.session is None or iteration.session.by_hand:
            iteration.session = session
        if iteration.labels is None:
            iteration.labels = known.labels
        if session.split == "test" and iteration.inputs is None:
            iteration.inputs = images.detach().clone()
        if session.split == "train" and not torch.is_grad_enabled():
            self.loops.looked()
        counted = Iteration(session, known.labels)
        counted.inputs = images.detach()
        self.watcher.count(session, counted, root, answer)

    def _pass_of(self, known: Known, size: int, root: nn.Module) -> HandMade:
        """The pass that this batch goes on with, or a new one."""
        passes: list[Pass] = self.watcher.passes
        last = passes[-1] if passes else None
        if isinstance(last, HandMade) and last.split == known.split and last.root is root:
            over = known.split == "test" and last.samples >= last.nominal  # a second test begins
            if torch.is_grad_enabled() == last.with_grad and not over:
                return last
        length = self.pictures.test_images if known.split == "test" else 50_000
        loaderless = datasets.Loaderless(datasets.LATEST.get(known.split))
        made = HandMade(loaderless, known.split, self.watcher.sources.here(), size, length)
        made.root = root
        passes.append(made)
        return made

    # ---- after the recorded steps -------------------------------------------------------------------------

    def stepped(self) -> bool:
        """A step on such a batch; False when there have been too many."""
        self.loops.stepped()
        self.steps += self.watcher.complete
        return self.steps <= MOST_STEPS

    def remember(self, root: nn.Module, images: Any, outputs: Any) -> None:
        if images is not None and self.watcher.complete and torch.is_grad_enabled():
            self.answers[id(root), len(images)] = outputs

    def known_answer(self, root: nn.Module, images: Any) -> Any:
        """What ``root`` answered to as many training pictures, where a loop by hand goes on for very long."""
        if self.steps <= STEPS_IN_FULL or images is None or not torch.is_grad_enabled() or not len(images):
            return None
        answer = self.answers.get((id(root), len(images)))
        known = self.pictures.identify(images) if answer is not None else None
        if known is None or known.split != "train":
            return None
        iteration = Iteration(None, known.labels)
        iteration.repeats = True
        self.watcher.turn_to(iteration)
        return answer


def is_by_hand(iteration: Iteration) -> bool:
    return iteration.session is None or iteration.session.by_hand
