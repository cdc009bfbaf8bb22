"""bubblewrap: a process in namespaces of its own, which sees Python, the probe, its data and its own files, no more.

Inside there is no network, no other process, no home, nothing of the grader but the probe (an installed grader is
hidden; its assignments, which hold no secret, may be seen in site-packages), and no way to become root.
All that it can write to is memory of a fixed size, gone with it. An ordinary user's job runs under that user, mapped to
nobody; root's job drops to a user number that nobody else has, for root is above the limit on processes.
"""

from __future__ import annotations

import functools
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.isolate import roots
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.isolate.plan import Plan, environment, search_path
from grader.records import Job, RunResult

NAME = "bubblewrap"
NOBODY = 65534
UNUSED_USERS = range(0x70000000, 0x7FFF0000)  # numbers that no account and no container is given
JOB, DATA, TOOL, HANDED = Path("/job"), Path("/data"), Path("/probe"), Path("/run/handed")
SCRATCH_BYTES = 256 << 20  # each of /tmp and /dev/shm
PACKAGE = roots.PACKAGE
TRIAL_S = 20

# The job is copied into memory, so that nothing a student writes reaches the disk. For the user that root's job drops
# to, the probe and the data are copied too, and stay root's: they may lie where no other user can read.
AS_USER = f'cp -R {HANDED}/job/. {JOB} && cd {JOB}/submission && exec "$@"'
AS_ROOT = (
    f"cp -R {HANDED}/job/. {JOB} && cp -RL {HANDED}/probe/. {TOOL} && cp -RL {HANDED}/data/. {DATA} && "
    f'chmod -R a+rX {TOOL} {DATA} && chown -R "$0:$0" {JOB} && cd {JOB}/submission && '
    'exec setpriv --reuid "$0" --regid "$0" --clear-groups --inh-caps=-all --bounding-set=-all -- "$@"'
)
OWN_ERRORS = ("bwrap: ", "cp: ", "setpriv: ", "chown: ", "chmod: ", "/bin/sh: ")


@functools.cache
def unavailable() -> str:
    """Why it cannot run here, or nothing. Found out by running Python in it once."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap needs Linux. Use --isolation process for your own code, or Docker."
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed. Install it (apt install bubblewrap), or use another isolation."
    reason = _try(_drops_root())
    return (
        f"bubblewrap does not work here: {reason}. Allow user namespaces, or use another isolation." if reason else ""
    )


@functools.cache
def _drops_root() -> bool:
    """Whether jobs start as root and drop to an unused user."""
    return os.getuid() == 0 and not _try(True)


@functools.cache
def _try(drop: bool) -> str:
    """Why bubblewrap fails here, in its own words, or nothing."""
    with tempfile.TemporaryDirectory(prefix="grade-") as name:
        folder = Path(name)
        (folder / "submission").mkdir()
        view = _view(_Places(job=folder, probe=PROBE.parent, data=folder), SCRATCH_BYTES, drop)
        python = (sys.executable, "-I", "-S", "-c", "")
        try:
            tried = subprocess.run(
                (*_namespaces(drop), *view, "--", *_enter(drop), *python),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TRIAL_S,
                check=False,
                env={"PATH": search_path()},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    said = tried.stderr.decode("utf-8", "replace").strip()[-200:]
    return "" if tried.returncode == 0 else said or f"it ended with code {tried.returncode}"


def start(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running:
    def plan(folder: Path) -> Plan:
        drop = _drops_root()
        places = _Places(job=folder, probe=probe.resolve().parent, data=job.data_dir.resolve())
        python = (sys.executable, "-I", str(TOOL / probe.name), str(JOB))
        return Plan(
            command=(*_namespaces(drop), *_view(places, job.limits.file_mb << 21, drop), "--", *_enter(drop), *python),
            environment=environment(job, JOB),
            working_folder=folder,
            data_dir=DATA,
            own_errors=OWN_ERRORS,
            passes_signals_on=True,
        )

    return Running(NAME, job, plan if not unavailable() else unavailable(), grace_s)


def run(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult:
    with start(job, probe, grace_s) as running:
        return running.wait()


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Folders of this machine that can be seen inside, read-only."""

    job: Path
    probe: Path
    data: Path


def _namespaces(drop: bool) -> tuple[str, ...]:
    common = ("bwrap", "--die-with-parent", "--new-session", "--hostname", "sandbox", "--cap-drop", "ALL")
    if drop:
        names = ("CAP_SETUID", "CAP_SETGID", "CAP_CHOWN", "CAP_SETPCAP")  # to become someone who has none
        kept = tuple(word for name in names for word in ("--cap-add", name))
        unshared = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
        return (*common, *unshared, *kept)
    return (*common, "--unshare-all", "--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))


def _view(places: _Places, writable_bytes: int, drop: bool) -> tuple[str, ...]:
    """What can be seen inside. Everything but /job, /tmp and /dev/shm is read-only."""
    view = ["--proc", "/proc", "--dev", "/dev"]
    for folder, size_bytes in (("/tmp", SCRATCH_BYTES), ("/dev/shm", SCRATCH_BYTES), (str(JOB), writable_bytes)):
        view += ["--perms", "1777", "--size", str(size_bytes), "--tmpfs", folder]
    for folder in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(folder):
            view += ["--symlink", os.readlink(folder), folder]
        else:
            view += ["--ro-bind-try", folder, folder]
    view += ["--perms", "0755", "--dir", "/etc"]
    for file in roots.SETTINGS:
        view += ["--ro-bind-try", file, file]
    for root in roots.python():
        view += [*_open_parents(root), "--ro-bind", str(root), str(root)]
    for secret in roots.hidden(PACKAGE):
        view += ["--tmpfs", str(secret), "--remount-ro", str(secret)]
    below = HANDED if drop else Path("/")
    for source, seen in ((places.probe, below / "probe"), (places.data, below / "data"), (places.job, HANDED / "job")):
        view += ["--ro-bind", str(source), str(seen)]
    if drop:
        view += ["--perms", "0755", "--tmpfs", str(TOOL), "--perms", "0755", "--tmpfs", str(DATA)]
    return (*view, "--remount-ro", "/dev", "--remount-ro", "/")


def _open_parents(path: Path) -> list[str]:
    """Empty folders above a place, made so that another user can pass through them."""
    return [word for parent in reversed(path.parents[:-1]) for word in ("--perms", "0755", "--dir", str(parent))]


def _enter(drop: bool) -> tuple[str, ...]:
    """The shell line that copies the job and becomes the job's user; the program's command follows it."""
    user = str(secrets.choice(UNUSED_USERS)) if drop else "job"
    return ("/bin/sh", "-c", AS_ROOT if drop else AS_USER, user)
