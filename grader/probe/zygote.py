"""A probe that has imported torch already, and forks for every submission: milliseconds in place of seconds.

It runs no operation of torch itself (threads that a parent used are lost in its children), holds no secret, and one
thread. A client connects to its socket for each job, sends the job folder and three descriptors (output, errors,
frames), and hears the exit code; when a client goes away its worker is killed.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import compiler

compiler.defer()
import numpy.random  # noqa: E402, F401 - all that a worker would have to import before it comes to student code

from . import (  # noqa: E402, F401
    assembled,
    by_hand,
    capture,
    datasets,
    loops,
    network,
    patches,
    pictures,
    recorder,
    session,
    stand_ins,
    vision,
)

DESCRIPTORS = 3


def serve(path: str, work: Callable[[Path, int], None], gentle: bool = False) -> None:
    """Listen at ``path`` until standard input closes; ``work(job folder, frames descriptor)`` runs in each worker.
    ``gentle``: a worker is asked to end, for it has others to end first."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    workers: dict[int, socket.socket] = {}  # pid -> client
    asked: set[int] = set()  # to end, and not yet buried
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    wake, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        asked &= workers.keys()
        watched: list[Any] = [listener, 0, wake, *(client for pid, client in workers.items() if pid not in asked)]
        ready, _, _ = select.select(watched, [], [])
        if 0 in ready and not os.read(0, 1):
            _end(workers, gentle)
            return
        if wake in ready:
            os.read(wake, 4096)
            _bury(workers)
        if listener in ready:
            client, _ = listener.accept()
            pid = _fork(client, work, (listener, wake, wake_write))
            workers[pid] = client
        for pid, client in list(workers.items()):
            if client in ready and pid in workers:
                _kill(pid, gentle)  # the client speaks once, so readable means gone
                asked.add(pid)


def _fork(client: socket.socket, work: Callable[[Path, int], None], inherited: tuple[Any, ...]) -> int:
    message, descriptors = _receive(client)
    pid = os.fork()
    if pid:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        inherited[0].close()
        for descriptor in inherited[1:]:
            os.close(descriptor)
        client.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in zip((nothing, *descriptors[:2]), (0, 1, 2), strict=True):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(message["environment"])
        work(Path(message["job"]), descriptors[2])
    finally:
        os._exit(70)  # ``work`` ends the process itself
    return 0


def _receive(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    numbers = array.array("i")
    data, ancillary, _, _ = client.recvmsg(1 << 16, socket.CMSG_SPACE(DESCRIPTORS * numbers.itemsize))
    for _, _, content in ancillary:
        numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
    return json.loads(data), list(numbers)


def _bury(workers: dict[int, socket.socket]) -> None:
    while workers:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        client = workers.pop(pid, None)
        if client is not None:
            with contextlib.suppress(OSError):
                client.sendall(str(os.waitstatus_to_exitcode(status)).encode())
            client.close()


def _kill(pid: int, gentle: bool) -> None:
    for kill in (os.kill,) if gentle else (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGTERM if gentle else signal.SIGKILL)


def _end(workers: dict[int, socket.socket], gentle: bool) -> None:
    for pid in workers:
        _kill(pid, gentle)
    _bury(workers)
