"""Where the hostile corpus is run: what it may not find or reach is here, and whatever it leaves behind is seen.

A canary is a word that is found nowhere but in what a submission may not read: a file, the environment and the command
line of a running process, what a listening socket would say.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader.isolate import bubblewrap, confined
from grader.isolate.layers import supervisor

REPOSITORY = Path(__file__).resolve().parent.parent.parent
CANARY = "canary-token-5b1f"
PATIENCE_S = 5.0
# Of the numbers that jobs are given, some that this run alone gives out: another one may be under way.
_first = random.SystemRandom().randrange(confined.UNUSED_USERS[0], confined.UNUSED_USERS[-1] - 10_000)
OWN_USERS = range(_first, _first + 10_000)
KEPT = ("grade-zygote-", "grade-turns-")  # for later jobs, by the grader itself
SHARED = ("/dev/shm", "/dev/mqueue", "/var/tmp")


@dataclass(kw_only=True)
class Ground:
    """The places that cases are told of, and what was there before."""

    scratch: Path
    places: dict[str, str]
    heard: list[str] = field(default_factory=list)  # by the sockets
    victim: subprocess.Popen[bytes] | None = None

    def state(self) -> dict[str, object]:
        """What a case may not change."""
        canary = Path(self.places["CANARY"])
        mounts = Path("/proc/self/mounts").read_text()
        queues = sorted(Path("/proc/sysvipc").glob("*"))
        return {
            "processes": sorted(self._processes()),
            "scratch": sorted(name for name in os.listdir(self.scratch) if not name.startswith(KEPT)),
            "mounts": [line for line in mounts.splitlines() if str(self.scratch) in line],
            "shared folders": sorted(_of_jobs()),
            "system v": [len(one.read_text().splitlines()) for one in queues],
            "canary": canary.read_text(),
            "victim": self.victim is not None and self.victim.poll(),
            "planted": [one for one in ("/planted", "/etc/planted", "/usr/lib/planted") if os.path.exists(one)],
        }

    def changed(self, before: dict[str, object]) -> list[str]:
        """What is not as it was; what is dying is waited for."""
        until = time.monotonic() + PATIENCE_S
        while True:
            now = self.state()
            different = [name for name in before if now[name] != before[name]]
            if not different or time.monotonic() > until:
                return [f"{name}: {before[name]!r:.200} became {now[name]!r:.200}" for name in different]
            time.sleep(0.05)

    def _processes(self) -> Iterator[str]:
        """Those below this one, and those of users that only jobs have."""
        for pid in supervisor.below(os.getpid()):
            yield f"{pid} below"
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    lines = Path("/proc", name, "status").read_text().splitlines()
                except OSError:
                    continue
                user = next((int(line.split()[1]) for line in lines if line.startswith("Uid:")), 0)
                if user in OWN_USERS:
                    yield f"{name} of {user}"


@contextmanager
def prepared() -> Iterator[Ground]:
    """The ground, with everything in place; nothing of it is left."""
    with ExitStack() as stack:
        scratch = Path(tempfile.mkdtemp(prefix="grade-hostile-"))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        scratch.chmod(0o711)
        secret = Path(tempfile.mkdtemp(prefix="secret-"))
        stack.callback(shutil.rmtree, secret, ignore_errors=True)
        secret.chmod(0o755)
        canary = secret / "canary.txt"
        canary.write_text(CANARY)
        canary.chmod(0o644)
        victim = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", "import sys, time; sys.stdin.read()", CANARY],
            stdin=subprocess.PIPE,
            env={"SECRET": CANARY},
        )
        stack.callback(_end, victim)
        ground = Ground(scratch=scratch, places={}, victim=victim)
        port = _listen(stack, ground, socket.AF_INET, ("127.0.0.1", 0))[1]
        _listen(stack, ground, socket.AF_UNIX, str(secret / "socket"))
        (secret / "socket").chmod(0o666)
        _listen(stack, ground, socket.AF_UNIX, f"\0{secret.name}")
        ground.places |= {
            "CANARY": str(canary),
            "SOCKET": str(secret / "socket"),
            "ABSTRACT": secret.name,
            "PORT": str(port),
            "GRADER": str(os.getpid()),
            "VICTIM": str(victim.pid),
            "SCRATCH": str(scratch),
            "REPOSITORY": str(REPOSITORY),
        }
        for module in (confined, bubblewrap):
            stack.callback(setattr, module, "UNUSED_USERS", module.UNUSED_USERS)
            module.UNUSED_USERS = OWN_USERS
        tempdir, tempfile.tempdir = tempfile.tempdir, str(scratch)
        stack.callback(setattr, tempfile, "tempdir", tempdir)
        yield ground


def _of_jobs() -> Iterator[str]:
    """What jobs left in folders that everybody shares: other programs of the machine leave things there, too."""
    for folder in SHARED:
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            with contextlib.suppress(OSError):
                if "mark" in name or os.lstat(os.path.join(folder, name)).st_uid in OWN_USERS:
                    yield os.path.join(folder, name)


def _listen(stack: ExitStack, ground: Ground, family: int, address: object) -> tuple[str, int]:
    """A socket that greets with the canary, and takes note of everyone who came."""
    listener = socket.socket(family)
    listener.bind(address)  # type: ignore[arg-type]
    listener.listen(16)
    stack.callback(listener.close)

    def greet() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            ground.heard.append(f"a caller at {address!r}")
            with caller:
                caller.sendall(CANARY.encode())

    threading.Thread(target=greet, daemon=True).start()
    name = listener.getsockname()
    return name if family == socket.AF_INET else ("", 0)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
