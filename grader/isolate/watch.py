"""Follows a running probe: reads its pipes, looks at the clock, and says when and why it is over.

Frames are read up to their end mark, not to the end of the pipe, which a daemon of the student's may hold open.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import struct
import subprocess
import time

from grader.isolate import processes
from grader.isolate.ending import Ending
from grader.records import Limits, Status

POLL_S = 0.05
MEASURE_S = 0.5
LINGER_S = 2.0  # after the end mark, to exit and to say last words
SILENCE_S = 5.0  # after the frames broke off: nothing more can come of it
DRAIN_S = 1.0  # after the exit, for what is still in the pipes
KEPT_BYTES = 32 << 10
END = 3
HEADER = struct.Struct("<IB")


class Frames:
    """Raw frames, up to and including the end mark; their contents are not looked at."""

    def __init__(self, limit_bytes: int) -> None:
        self.data = bytearray()
        self.ended = False
        self.limit_bytes = limit_bytes
        self._next = 0  # where the next header starts

    @property
    def too_large(self) -> bool:
        """Too much came, or is announced."""
        return max(len(self.data), self._next) > self.limit_bytes

    def feed(self, chunk: bytes) -> None:
        if self.ended:
            return
        self.data += chunk
        while len(self.data) >= self._next + HEADER.size:
            size, kind = HEADER.unpack_from(self.data, self._next)
            self._next += HEADER.size
            if kind == END:
                self.ended = True
                del self.data[self._next :]
                return
            self._next += size


class Output:
    """What was printed: all of it counted, its first and its last part kept, not overlapping."""

    def __init__(self) -> None:
        self.total_bytes = 0
        self._head = bytearray()
        self._tail = bytearray()

    def feed(self, chunk: bytes) -> None:
        self.total_bytes += len(chunk)
        room = KEPT_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        del self._tail[:-KEPT_BYTES]

    def head(self) -> str:
        return self._head.decode("utf-8", "replace")

    def tail(self) -> str:
        return self._tail.decode("utf-8", "replace")


class Watch:
    """One probe's pipes and process. ``wake`` becomes readable when the caller wants it stopped."""

    def __init__(self, child: subprocess.Popen[bytes], limits: Limits, frames_from: int, output_from: int) -> None:
        self.child = child
        self.frames = Frames(limits.evidence_mb << 20)
        self.output = Output()
        self._limit_output_bytes = limits.output_mb << 20
        self._sinks: dict[int, Frames | Output] = {frames_from: self.frames, output_from: self.output}
        self._frames_from = frames_from
        self._exit_code: int | None = None
        self._cpu_s = 0.0
        self._measured_at = 0.0
        self._notices: list[int] = []
        self._over_at: float | None = None  # when waiting any longer ends

    def follow(self, wake: int, deadline: float) -> Ending:
        """Until it is over, then kill its whole process group."""
        try:
            with selectors.DefaultSelector() as selector:
                for descriptor in (*self._sinks, wake, *self._exit_notice()):
                    selector.register(descriptor, selectors.EVENT_READ)
                limit = self._read(selector, wake, deadline)
            exit_code = self._exit_code  # before the kill below makes one
        finally:
            self.kill()
            for descriptor in self._notices:
                os.close(descriptor)
        return Ending(limit=limit, exit_code=exit_code, cpu_s=self._cpu_s)

    def _exit_notice(self) -> list[int]:
        """Something that becomes readable when the process ends, where the kernel has it; else it is seen later."""
        with contextlib.suppress(AttributeError, OSError):
            self._notices.append(os.pidfd_open(self.child.pid))
        return self._notices

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self._reap(0)

    def _read(self, selector: selectors.BaseSelector, wake: int, deadline: float) -> Status | None:
        while True:
            self._reap(os.WNOHANG)
            exited = self._exit_code is not None
            if not exited:
                self._measure()
            ready = [key.fd for key, _ in selector.select(0 if exited else POLL_S)]
            if wake in ready:
                return None
            for notice in set(self._notices) & set(ready):
                selector.unregister(notice)
                ready.remove(notice)
                self._reap(os.WNOHANG)
            busy = sum(self._take(selector, descriptor) for descriptor in ready) > 0
            if limit := self._broken_limit(deadline):
                return limit
            if (exited and not busy) or (self._over_at is not None and time.monotonic() > self._over_at):
                return None

    def _measure(self) -> None:
        """Look at the CPU time now and then: a sandbox in between may bury its children without telling."""
        if time.monotonic() > self._measured_at + MEASURE_S or self.frames.ended:
            self._cpu_s = max(self._cpu_s, processes.cpu_s(self.child.pid))
            self._measured_at = time.monotonic()

    def _take(self, selector: selectors.BaseSelector, descriptor: int) -> bool:
        """Read once; whether there was anything."""
        chunk = os.read(descriptor, 1 << 20)
        if chunk:
            self._sinks[descriptor].feed(chunk)
        else:
            selector.unregister(descriptor)
            if descriptor == self._frames_from:
                self._wait_at_most(SILENCE_S)
        if self.frames.ended:
            self._wait_at_most(LINGER_S)
        return bool(chunk)

    def _wait_at_most(self, wait_s: float) -> None:
        over_at = time.monotonic() + wait_s
        self._over_at = over_at if self._over_at is None else min(self._over_at, over_at)

    def _broken_limit(self, deadline: float) -> Status | None:
        if self.frames.too_large:
            return "evidence-rejected"
        if self.output.total_bytes > self._limit_output_bytes:
            return "output-limit"
        if time.monotonic() > deadline and not self.frames.ended:
            return "time-limit"
        return None

    def _reap(self, options: int) -> None:
        if self._exit_code is not None:
            return
        pid, status, usage = os.wait4(self.child.pid, options)
        if pid:
            self._exit_code = self.child.returncode = os.waitstatus_to_exitcode(status)
            self._cpu_s = max(self._cpu_s, usage.ru_utime + usage.ru_stime)
            self._wait_at_most(DRAIN_S)
