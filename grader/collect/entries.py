"""What reading a folder and reading a zip have in common: the limits, what is skipped, and what was found."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from grader.errors import InputRejected

LIMIT_ENTRIES = 2_000
LIMIT_EXPANDED_BYTES = 200 << 20
LIMIT_SOURCE_BYTES = 1 << 20
LIMIT_NOTEBOOK_BYTES = 16 << 20  # as a file: with the pictures that its cells drew
LIMIT_FILE_BYTES = 1 << 20
LIMIT_OTHER_BYTES = 32 << 20

SKIPPED_FOLDERS = frozenset({"__pycache__", "__macosx", "venv", "site-packages", "node_modules"})
SKIPPED_FILES = frozenset({"thumbs.db", "desktop.ini"})
DATA_FOLDERS = frozenset({"cifar-10-batches-py", "cifar-100-python", "cifar-10-batches-bin"})


@dataclass
class Found:
    """Files by posix path, everything that was seen, and a sentence for each thing left out. Counts as it reads."""

    source: str  # base name of the folder or zip
    files: dict[str, bytes] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    entries: int = 0
    expanded_bytes: int = 0

    def count_entry(self) -> None:
        self.entries += 1
        if self.entries > LIMIT_ENTRIES:
            raise InputRejected(
                f"{self.source} holds more than {LIMIT_ENTRIES:,} files. Expected your program and the few files it "
                "needs. Leave out data and installed packages."
            )

    def count_bytes(self, size_bytes: int) -> None:
        self.expanded_bytes += size_bytes
        if self.expanded_bytes > LIMIT_EXPANDED_BYTES:
            raise InputRejected(
                f"{self.source} holds more than {size_of(LIMIT_EXPANDED_BYTES)}. Expected your program and the few "
                "files it needs. Leave out data, weights and the output of cells."
            )

    def skip_large(self, name: str) -> None:
        self.notes.append(f"{name} was left out: it is larger than {size_of(limit_of(name))}.")


def suffix_of(name: str) -> str:
    return posixpath.splitext(name)[1].lower()


def limit_of(name: str) -> int:
    """The most bytes of a file that are read. One that is larger is left out with a note."""
    return LIMIT_NOTEBOOK_BYTES if suffix_of(name) == ".ipynb" else LIMIT_FILE_BYTES


def size_of(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.3g} MiB" if size_bytes >= 1 << 20 else f"{size_bytes / 1024:.3g} KiB"


def skip_folder(name: str) -> bool:
    return name.startswith(".") or name.lower() in SKIPPED_FOLDERS


def skip_file(name: str) -> bool:
    return name.startswith(".") or name.lower() in SKIPPED_FILES or suffix_of(name) in (".pyc", ".pyo")


def is_data(name: str) -> bool:
    """A folder or an archive of a data set: the grader brings its own."""
    return name.lower() in DATA_FOLDERS or name.lower().endswith((".tar.gz", ".tgz"))


def data_note(name: str) -> str:
    return f"{name} was left out: the grader brings the data set itself."
