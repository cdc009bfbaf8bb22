"""Learning runs by network: the first of a class, or of last year's class, that has a network trains it for all.

One small JSON file a run, named by the digest of everything that decides it. Whoever comes second while the first
still trains waits for it; a lock of a process that was killed is none.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.batch import stored
from grader.records import LearningRun


class Learned:
    """A folder of learning runs: ``learned(key, train)`` is the run of that key, trained now if it has to be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trained = 0
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, key: str, train: Callable[[], LearningRun]) -> LearningRun:
        path = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
        known = self._read(path, key)
        if known is not None:
            return known
        with self._alone(path.with_suffix(".lock")):
            known = self._read(path, key)
            if known is None:
                known = train()
                self.trained += 1
                stored.write(path, stored.as_bytes({"key": key, "run": stored.encode(known)}))
        return known

    def _read(self, path: Path, key: str) -> LearningRun | None:
        try:
            content = json.loads(path.read_bytes())
            return stored.decode(LearningRun, content["run"]) if content["key"] == key else None
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):  # a damaged file is trained again
            return None

    @contextlib.contextmanager
    def _alone(self, path: Path) -> Iterator[None]:
        with open(path, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
