"""Sandboxes, tried with a small stand-in for the probe: what comes back, what ends it, and that nothing is left."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.errors import UsageError
from grader.isolate import BACKENDS, Backend, bubblewrap, choose, confined, launch, process, zygote
from grader.isolate.ending import judge
from grader.isolate.fake import Fake
from grader.isolate.plan import Plan
from grader.isolate.watch import Frames, Output
from grader.records import Cell, Job, Limits, RunResult, SourceFile, Submission

END = struct.pack("<IB", 0, 3)
STAND_IN = f"""
import json, os, runpy, struct, sys, traceback
from pathlib import Path

def load_package():  # of a zygote, which is the real one
    runpy.run_path({str(launch.PROBE)!r})["load_package"]()

def work(folder, descriptor):
    def send(payload):
        os.write(descriptor, struct.pack("<IB", len(payload), 1) + payload)
    def end():
        os.write(descriptor, struct.pack("<IB", 0, 3))
    os.environ.pop("LC_CTYPE", None)  # Python's own, where the C locale is coerced
    job = str(folder)
    known = dict(json=json, os=os, struct=struct, job=job, descriptor=descriptor, send=send, end=end)
    known["request"] = json.load(open(job + "/request.json"))
    code = 1
    try:
        exec(compile(open(job + "/submission/student.py").read(), "student.py", "exec"), known)
        code = 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)

if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[sys.argv.index("--frames") + 1]))
"""


@pytest.fixture(scope="module")
def probe() -> Iterator[Path]:
    """In a place that every user can read, with its zygote running before any test looks at its scratch folder."""
    with tempfile.TemporaryDirectory(prefix="grade-test-") as name:
        path = Path(name, "main.py")
        path.write_text(STAND_IN)
        path.parent.chmod(0o755)
        confined.WARM.socket(path)
        yield path
        confined.WARM.stop()


WARM = ("namespaces", "slot", "self")


@pytest.fixture(params=["bubblewrap", "process", *WARM])
def backend(request: pytest.FixtureRequest) -> Backend:
    chosen = BACKENDS[request.param]
    if chosen.unavailable():
        pytest.skip(chosen.unavailable())
    return chosen


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where job folders are made; after each test nothing is left there, nor a process that knows of it."""
    folder = Path(tempfile.mkdtemp(prefix="grade-test-"))
    folder.chmod(0o711)  # a slot's user must come through
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert os.listdir(folder) == []
    folder.rmdir()
    # A process that was killed is on the list until it has died, on a busy machine a moment later.
    until = time.monotonic() + 5
    while processes_with(str(folder)) and time.monotonic() < until:
        time.sleep(0.05)
    assert processes_with(str(folder)) == []


def processes_with(trace: str) -> list[str]:
    """Processes whose environment or command line tells of a folder."""
    found = []
    for name in os.listdir("/proc") if os.path.exists("/proc/self") else []:
        try:
            told = Path("/proc", name, "environ").read_bytes() + Path("/proc", name, "cmdline").read_bytes()
        except OSError:
            continue
        if name.isdigit() and int(name) != os.getpid() and trace.encode() in told:
            found.append(f"{name}: {told[:200]!r}")
    return found


def job_of(code: str, data_dir: Path | None = None, **limits: Any) -> Job:
    return Job(
        submission=Submission(name="s", programs=(SourceFile(path="student.py", source=code),)),
        data_dir=data_dir or Path(__file__).parent,
        request={"seed": 7, "threads": 2},
        limits=Limits(**{"wall_s": 30.0, **limits}),
    )


def answers(result: RunResult) -> list[Any]:
    """The JSON frames before the end mark."""
    found, data = [], result.frames
    while data and data != END:
        size, kind = struct.unpack_from("<IB", data)
        assert kind == 1
        found.append(json.loads(data[5 : 5 + size]))
        data = data[5 + size :]
    return found


def ending(result: RunResult) -> tuple[str, int | None, str | None]:
    return result.ended, result.exit_code, result.limit


# ---- a run --------------------------------------------------------------------------------------------------


def test_frames_and_output_come_back(backend: Backend, probe: Path) -> None:
    result = backend.run(job_of("print('hello'); send(b'[1, 2]'); end()"), probe=probe)
    assert (result.backend, *ending(result), result.reason) == (backend.NAME, "exited", 0, None, "")
    assert result.frames == struct.pack("<IB", 6, 1) + b"[1, 2]" + END
    assert (result.output_head, result.output_tail) == ("hello\n", "")
    assert 0 < result.wall_s < 30


def test_the_probe_gets_the_request_and_the_files(backend: Backend, probe: Path) -> None:
    code = "import pathlib\nfound = {str(p): p.read_text() for p in pathlib.Path('.').rglob('*.*')}\n"
    code += "send(json.dumps([request, found]).encode())\nend()"
    submission = Submission(
        name="s",
        programs=(
            SourceFile(path="student.py", source=code),
            SourceFile(path="net/old.py", source="# coding: euc-kr\n# \uacfc\n"),
            SourceFile(path="hw.ipynb", cells=(Cell(number=1, source="x = '\u00e9'"),), magics=1),
        ),
        other_files={"config/a.json": b"{}"},
    )
    job = Job(submission=submission, data_dir=Path(__file__).parent, request={"seed": 7}, limits=Limits())
    request, files = answers(backend.run(job, probe=probe))[0]
    assert files == {"student.py": code, "net/old.py": "# coding: utf-8\n# \uacfc\n", "config/a.json": "{}"}
    seen = "/data" if backend.NAME in ("bubblewrap", "namespaces") else str(Path(__file__).parent)
    assert request.pop("data_dir") == seen
    assert request == {
        "seed": 7,
        "programs": [
            {"path": "student.py", "source": code, "cells": [], "magics": 0},
            {"path": "net/old.py", "source": "# coding: euc-kr\n# \uacfc\n", "cells": [], "magics": 0},
            {"path": "hw.ipynb", "source": "", "cells": [{"number": 1, "source": "x = '\u00e9'"}], "magics": 1},
        ],
        "limits": {
            "cpu_s": 60.0,
            "wall_s": 190.0,
            "memory_mb": 8192,
            "processes": 64,
            "file_mb": 256,
            "output_mb": 64,
            "evidence_mb": 2048,
        },
    }


def test_the_environment_is_almost_empty(backend: Backend, probe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "canary")
    (found,) = answers(backend.run(job_of("send(json.dumps([job, dict(os.environ)]).encode()); end()"), probe=probe))
    folder, environment = found
    for of_the_shell in ("PWD", "OLDPWD", "SHLVL", "_"):
        environment.pop(of_the_shell, None)
    assert environment == {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": f"{folder}/home",
        "TMPDIR": f"{folder}/tmp",
        "USER": "student",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "2",
        "OMP_WAIT_POLICY": "PASSIVE",
        "MPLBACKEND": "Agg",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
        "GRADER_EXECUTION": "grade",
    }


def test_a_run_goes_on_while_the_caller_does_something_else(backend: Backend, probe: Path) -> None:
    large = "send(b'[' + b' ' * (8 << 20) + b']'); end()"  # more than a pipe holds
    with backend.start(job_of(large), probe=probe) as running:
        time.sleep(0.1)
        result = running.wait()
        assert running.wait() is result
    assert (answers(result), ending(result)) == ([[]], ("exited", 0, None))


# ---- ends ---------------------------------------------------------------------------------------------------


def test_the_wall_limit_kills(backend: Backend, probe: Path) -> None:
    result = backend.run(job_of("print('waiting', flush=True)\nwhile True: pass", wall_s=0.6), probe=probe, grace_s=0.4)
    assert (ending(result), result.output_head, result.frames) == (("limit", None, "time-limit"), "waiting\n", b"")
    assert 1 <= result.wall_s < 5


def test_a_flood_of_output_kills_and_keeps_its_head(backend: Backend, probe: Path) -> None:
    result = backend.run(job_of("print('first')\nwhile True: print('x' * 99)", output_mb=1), probe=probe)
    assert ending(result) == ("limit", None, "output-limit")
    assert result.output_head.startswith("first\nxxx")
    assert (len(result.output_head), len(result.output_tail)) == (32 << 10, 32 << 10)


def test_too_much_evidence_kills(backend: Backend, probe: Path) -> None:
    result = backend.run(job_of("while True: send(bytes(99999))", evidence_mb=1), probe=probe)
    assert ending(result) == ("limit", None, "evidence-rejected")


def test_evidence_that_is_announced_too_large_is_not_waited_for(backend: Backend, probe: Path) -> None:
    code = "import time; os.write(descriptor, b'\\xff' * 5); time.sleep(60)"
    result = backend.run(job_of(code), probe=probe)
    assert (ending(result), result.wall_s < 5) == (("limit", None, "evidence-rejected"), True)


def test_a_program_that_leaves_early_is_seen_to(backend: Backend, probe: Path) -> None:
    result = backend.run(job_of("send(b'[]'); os._exit(3)"), probe=probe)
    assert (answers(result), ending(result)) == ([[]], ("exited", 3, None))
    assert not result.frames.endswith(END)


def test_a_traceback_is_output(backend: Backend, probe: Path) -> None:
    result = backend.run(job_of("send(b'[]')\n1 / 0"), probe=probe)
    assert (ending(result), result.output_head.splitlines()[-1]) == (
        ("exited", 1, None),
        "ZeroDivisionError: division by zero",
    )


def test_closed_frames_are_not_waited_for(backend: Backend, probe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.isolate.watch.SILENCE_S", 0.5)
    code = "import time; send(b'[]'); os.close(descriptor); time.sleep(60)"
    result = backend.run(job_of(code), probe=probe)
    assert (answers(result), ending(result), result.wall_s < 5) == ([[]], ("exited", None, None), True)


def test_closed_output_does_not_end_a_run(backend: Backend, probe: Path) -> None:
    code = "import time; os.close(1); os.close(2); time.sleep(0.3); send(b'[1]'); end(); os._exit(0)"
    result = backend.run(job_of(code), probe=probe)
    assert (answers(result), ending(result)) == ([[1]], ("exited", 0, None))


@pytest.mark.parametrize("number", [9, 11, 6])
def test_a_signal_is_told(backend: Backend, probe: Path, number: int) -> None:
    code = f"import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); os.kill(os.getpid(), {number})"
    assert ending(backend.run(job_of(code), probe=probe)) == ("signalled", -number, None)


def test_the_kernels_cpu_limit_is_a_time_limit(backend: Backend, probe: Path) -> None:
    soft = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 9))\nwhile True: pass"
    assert ending(backend.run(job_of(soft), probe=probe)) == ("limit", -24, "time-limit")


def test_its_hard_cpu_limit_is_a_time_limit_too(backend: Backend, probe: Path) -> None:
    hard = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    assert ending(backend.run(job_of(hard, cpu_s=0.4), probe=probe)) == ("limit", -9, "time-limit")


def test_an_evident_memory_error_is_a_memory_limit(backend: Backend, probe: Path) -> None:
    code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); x = bytes(4 << 30)"
    assert ending(backend.run(job_of(code), probe=probe)) == ("limit", 1, "memory-limit")


def test_a_kill_by_the_kernel_for_memory_is_a_memory_limit() -> None:
    plan = Plan(command=(), environment={}, working_folder=Path(), data_dir=Path(), passes_signals_on=True)
    killed = RunResult(backend="bubblewrap", frames=b"x", ended="exited", exit_code=137)
    assert ending(judge(killed, plan, Limits(), True)) == ("limit", -9, "memory-limit")
    assert ending(judge(killed, plan, Limits(), False)) == ("signalled", -9, None)


def test_a_forged_end_mark_ends_the_evidence(backend: Backend, probe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.isolate.watch.LINGER_S", 0.5)
    code = "import time; send(b'[1]'); end(); send(b'[2]'); print('late', flush=True); time.sleep(60)"
    result = backend.run(job_of(code), probe=probe)
    assert (answers(result), ending(result), result.output_head) == ([[1]], ("exited", None, None), "late\n")


# ---- nothing left -------------------------------------------------------------------------------------------


DAEMON = """
import time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
send(b"[]")
"""


@pytest.mark.parametrize("last", ["end()", ""])
def test_a_daemon_that_holds_the_pipes_costs_no_time_and_is_killed(backend: Backend, probe: Path, last: str) -> None:
    result = backend.run(job_of(DAEMON + last), probe=probe)
    assert (answers(result), ending(result), result.wall_s < 5) == ([[]], ("exited", 0, None), True)


def test_locked_and_endless_folders_are_removed(backend: Backend, probe: Path) -> None:
    code = """
os.makedirs("locked/inner"); os.chmod("locked", 0)
os.symlink("/", "root")
for _ in range(1500):
    os.mkdir("d"); os.chdir("d")
end()
"""
    assert ending(backend.run(job_of(code), probe=probe)) == ("exited", 0, None)


def test_stopping_kills_and_cleans(backend: Backend, probe: Path, scratch: Path) -> None:
    running = backend.start(job_of("import time; time.sleep(600)"), probe=probe)
    time.sleep(0.3)
    assert len(os.listdir(scratch)) == 1
    began = time.monotonic()
    running.stop()
    assert (os.listdir(scratch), time.monotonic() - began < 3) == ([], True)


@pytest.mark.parametrize("way", ["interrupt", "forgotten"])
def test_a_grader_that_is_interrupted_or_forgets_a_run_leaves_nothing(
    backend: Backend, probe: Path, scratch: Path, way: str
) -> None:
    script = f"""
import os, signal, sys, threading, tempfile
sys.path[:0] = {[str(Path(__file__).parent.parent), str(Path(__file__).parent)]!r}
tempfile.tempdir = {str(scratch)!r}
from pathlib import Path
from test_isolate import BACKENDS, job_of
running = BACKENDS[{backend.NAME!r}].start(job_of("import time; time.sleep(600)"), probe=Path({str(probe)!r}))
if {way!r} == "interrupt":
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    running.wait()
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    expected = ("interrupt", True) if ran.stderr.endswith("KeyboardInterrupt\n") else ("forgotten", ran.returncode == 0)
    assert (way, True) == expected, ran.stderr


# ---- what bubblewrap keeps out ------------------------------------------------------------------------------


@pytest.fixture
def wrapped() -> Backend:
    if bubblewrap.unavailable():
        pytest.skip(bubblewrap.unavailable())
    return bubblewrap


def tried(result: RunResult) -> list[Any]:
    assert result.ended == "exited", result
    (found,) = answers(result)
    return list(found)


TRY = """
def attempt(action):
    try:
        action()
        return "done"
    except Exception as error:
        return type(error).__name__
"""


def test_the_network_is_out_of_reach(wrapped: Backend, probe: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"""
import socket
send(json.dumps([attempt(lambda: socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 2)),
    attempt(lambda: socket.create_connection(("192.0.2.1", 80), 2)),
    attempt(lambda: socket.getaddrinfo("example.org", 80))]).encode()); end()
"""
        found = tried(wrapped.run(job_of(TRY + code), probe=probe))
    assert found == ["ConnectionRefusedError", "OSError", "gaierror"]


def test_only_the_jobs_own_folders_can_be_seen_and_written(wrapped: Backend, probe: Path, tmp_path: Path) -> None:
    (tmp_path / "canary").write_text("secret")
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data/train.npy").write_bytes(b"x")
    repository = Path(__file__).parent.parent
    hidden = [
        tmp_path / "canary",
        repository / "grader",
        repository / "assignments",
        "/etc/passwd",
        Path.home() / ".ssh",
    ]
    code = f"""
send(json.dumps([
    *[str(os.path.lexists(path)) for path in {[str(path) for path in hidden]!r}],
    *[attempt(lambda: open(path, "w")) for path in ("/x", "/usr/x", "/data/x", "/probe/x", "/etc/x", "/dev/x")],
    *[attempt(lambda: open(path, "w")) for path in ("x", "../home/x", "../tmp/x", "/tmp/x", "/dev/shm/x")],
    os.listdir("/data"), sorted(os.listdir("/probe")),
    [name for name in os.listdir("/proc") if name.isdigit()],
]).encode()); end()
"""
    found = tried(wrapped.run(job_of(TRY + code, tmp_path / "data"), probe=probe))
    assert found[:5] == ["False"] * 5
    assert set(found[5:11]) <= {"OSError", "PermissionError"}
    assert found[11:] == ["done"] * 5 + [["train.npy"], ["__pycache__", "main.py"], ["1", "2"]]


def test_a_grader_installed_beside_other_packages_is_hidden(
    wrapped: Backend, probe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(pytest.__file__).parent  # any package of this Python
    monkeypatch.setattr(bubblewrap, "PACKAGE", package)
    listed = f"[os.listdir({str(package)!r}), len(os.listdir({str(package.parent)!r})) > 5]"
    code = f"send(json.dumps({listed}).encode()); end()"
    assert tried(wrapped.run(job_of(code), probe=probe)) == [[], True]


def test_inside_nobody_is_root_nor_can_become_it(wrapped: Backend, probe: Path) -> None:
    code = """
status = dict(line.split() for line in open("/proc/self/status") if len(line.split()) == 2)
send(json.dumps([os.getuid() > 60000, os.getgid() > 60000, status["CapEff:"], status["CapPrm:"], status["NoNewPrivs:"],
    attempt(lambda: os.setuid(0)), attempt(lambda: os.kill(1, 9)), attempt(lambda: os.chroot("/job"))]).encode()); end()
"""
    nothing = "0" * 16
    found = tried(wrapped.run(job_of(TRY + code), probe=probe))
    assert found[:6] + found[7:] == [True, True, nothing, nothing, "1", "PermissionError", "PermissionError"]


def test_the_limit_on_processes_holds(wrapped: Backend, probe: Path) -> None:
    code = """
import resource, time
resource.setrlimit(resource.RLIMIT_NPROC, (8, 8))
count = 0
try:
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(60)
        count += 1
except BlockingIOError:
    pass
send(json.dumps([count < 40]).encode()); end()
"""
    assert tried(wrapped.run(job_of(code), probe=probe)) == [True]


def test_what_can_be_written_is_bounded(wrapped: Backend, probe: Path) -> None:
    code = """
send(json.dumps([attempt(lambda: open(path, "wb").write(bytes(3 << 20))) for path in ("x", "../tmp/x")]).encode())
end()
"""
    assert tried(wrapped.run(job_of(TRY + code, file_mb=1), probe=probe)) == ["OSError", "OSError"]


def test_the_mapped_sandbox_of_ordinary_users_keeps_the_same_out(
    wrapped: Backend, probe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bubblewrap._try(False):
        pytest.skip(bubblewrap._try(False))
    monkeypatch.setattr(bubblewrap, "_drops_root", lambda: False)
    code = """
send(json.dumps([os.getuid(), attempt(lambda: open("x", "w")), attempt(lambda: open("/x", "w")),
    attempt(lambda: os.setuid(0)), os.path.exists("/etc/passwd")]).encode()); end()
"""
    assert tried(wrapped.run(job_of(TRY + code), probe=probe)) == [65534, "done", "OSError", "OSError", False]


def test_torch_works_inside(wrapped: Backend, probe: Path) -> None:
    code = "import torch; send(json.dumps([torch.ones(2).sum().item(), torch.get_num_threads()]).encode()); end()"
    result = wrapped.run(job_of(code), probe=probe)
    assert (tried(result), result.output_head, result.cpu_s > 0.2) == ([2.0, 2], "", True)


# ---- choosing, failing, faking ------------------------------------------------------------------------------


def test_auto_is_the_strongest_that_works() -> None:
    first = next(backend for backend in BACKENDS.values() if not backend.unavailable())
    assert (choose("auto"), first.NAME) == (first, choose("auto").NAME)
    assert choose("process") is process


def test_an_unknown_sandbox_is_wrong_use() -> None:
    with pytest.raises(UsageError) as caught:
        choose("chroot")
    known = "auto, strict, namespaces, bubblewrap, slot, self, process, zygote"
    assert str(caught.value) == f"There is no sandbox called 'chroot'. Expected one of {known}."


def test_a_sandbox_that_cannot_be_had_says_why(probe: Path) -> None:
    running = launch.Running("bubblewrap", job_of(""), "bubblewrap is not installed.")
    assert running.wait() == RunResult(
        backend="bubblewrap", frames=b"", ended="unavailable", reason="bubblewrap is not installed."
    )


def test_a_sandbox_that_fails_to_start_is_unavailable_and_not_the_students_fault(
    wrapped: Backend, probe: Path, tmp_path: Path
) -> None:
    result = wrapped.run(job_of("", tmp_path / "gone"), probe=probe)
    assert (ending(result)[0], result.reason) == (
        "unavailable",
        f"The sandbox could not be started: bwrap: Can't find source path {tmp_path}/gone: No such file or directory",
    )


def test_a_submission_cannot_be_written_outside_its_folder(probe: Path) -> None:
    submission = Submission(name="s", programs=(), other_files={"../evil": b"x"})
    job = Job(submission=submission, data_dir=Path("/"), request={}, limits=Limits())
    result = process.run(job, probe=probe)
    assert (result.ended, result.reason) == (
        "unavailable",
        "The sandbox could not be started: '../evil' is no place below the submission.",
    )


def test_frames_are_cut_at_their_end_mark_wherever_chunks_break() -> None:
    sent = struct.pack("<IB", 5, 1) + b"\x03\x03\x03\x03\x03" + struct.pack("<IB", 0, 2) + END + b"more"
    frames = Frames(limit_bytes=1000)
    for position in range(len(sent)):
        frames.feed(sent[position : position + 1])
    assert (bytes(frames.data), frames.ended, frames.too_large) == (sent[:-4], True, False)


def test_output_keeps_its_two_ends() -> None:
    output = Output()
    for _ in range(10):
        output.feed(b"a" * 10_000)
    output.feed("\u00e9".encode() + b"\xff")
    assert (output.total_bytes, output.head(), output.tail()) == (
        100_003,
        "a" * 32_768,
        "a" * 32_765 + "\u00e9\ufffd",
    )


def test_the_fake_answers_as_prepared() -> None:
    fake, job = Fake(frames=END, output="hi"), job_of("")
    with fake.start(job) as running:
        result = running.wait()
    assert result == RunResult(backend="fake", frames=END, ended="exited", exit_code=0, output_head="hi")
    assert (fake.run(job), fake.jobs) == (result, [job, job])


def test_a_warm_probe_whose_socket_is_gone_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    warm = zygote.Zygote(zygote._command)
    try:
        first = warm.socket(launch.PROBE)
        first.unlink()
        second = warm.socket(launch.PROBE)
        assert (first != second, second.exists(), warm.socket(launch.PROBE)) == (True, True, second)
    finally:
        warm.stop()


def test_a_forked_child_leaves_the_warm_probe_of_its_parent_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    warm = zygote.Zygote(zygote._command)
    monkeypatch.setattr(zygote, "ZYGOTE", warm)
    try:
        socket = warm.socket(launch.PROBE)
        del warm  # as in the program: the module alone holds it
        child = os.fork()
        if not child:
            os._exit(0 if zygote.ZYGOTE.pid == 0 else 1)
        assert (os.waitpid(child, 0)[1], socket.exists(), zygote.ZYGOTE.socket(launch.PROBE)) == (0, True, socket)
    finally:
        zygote.ZYGOTE.stop()
