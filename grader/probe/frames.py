"""Frames out of the sandbox: ``u32 length | u8 type | payload``; 1 JSON, 2 tensor, 3 end. No pickle anywhere."""

from __future__ import annotations

import json
import math
import os
import struct
import threading
from typing import Any

JSON, TENSOR, END = 1, 2, 3
UNKNOWN_TO_NUMPY = frozenset({"torch.bfloat16"})


class Unsendable(Exception):
    """A tensor of a kind that has no plain values: sparse, complex, quantized, or on no device."""


class Channel:
    """Writes frames to a file descriptor; safe to call from any thread; silent once the other side is gone."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.lock = threading.RLock()
        self.ended = False
        os.set_inheritable(descriptor, False)
        _widen(descriptor)

    def json(self, kind: str, **content: Any) -> None:
        text = json.dumps({"kind": kind, **_clean(content)}, allow_nan=False)
        self._write(JSON, text.encode("utf-8"))

    def tensor(self, name: str, tensor: Any) -> None:
        """Send a tensor's raw little-endian values under ``name``. Unsendable where it has none."""
        strided, dtype = str(tensor.layout) == "torch.strided", str(tensor.dtype).removeprefix("torch.")
        if not strided or tensor.device.type == "meta" or dtype.startswith(("complex", "q")):
            raise Unsendable(f"a {dtype} tensor ({tensor.layout}, on {tensor.device.type})")
        flat = tensor.detach().cpu().contiguous()
        if str(flat.dtype) in UNKNOWN_TO_NUMPY:
            flat = flat.float()
        header = json.dumps({"name": name, "dtype": str(flat.dtype).removeprefix("torch."), "shape": list(flat.shape)})
        raw = header.encode("utf-8")
        body = memoryview(flat.reshape(-1).numpy()).cast("B") if flat.numel() else memoryview(b"")
        self._write(TENSOR, struct.pack("<I", len(raw)) + raw, body)

    def end(self) -> None:
        with self.lock:
            if not self.ended:
                self._write(END, b"")
                self.ended = True

    def _write(self, kind: int, head: bytes, body: memoryview | bytes = b"") -> None:
        with self.lock:
            if self.ended:
                return
            try:
                _write_all(self.descriptor, struct.pack("<IB", len(head) + len(body), kind) + head)
                _write_all(self.descriptor, body)
            except OSError:
                self.ended = True


def _widen(descriptor: int) -> None:
    try:
        import fcntl

        fcntl.fcntl(descriptor, 1031, 1 << 20)  # F_SETPIPE_SZ
    except (ImportError, OSError):
        pass


def _write_all(descriptor: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view[: 1 << 20]) :]


def _clean(value: Any) -> Any:
    """JSON without NaN, infinities or lone surrogates; what is foreign becomes its repr."""
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")[:20000]
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return repr(value)[:200]
