"""The layers of a confined worker, each by itself; what they keep out together is tested in ``tests/hostile``."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from grader import cli, isolate
from grader.errors import UsageError
from grader.isolate import namespaces, roots, slot
from grader.isolate.layers import seccomp
from grader.isolate.layers.supervisor import Supervisor

X86_64, AARCH64 = "x86_64", "aarch64"
ALLOWED, KILLED, REFUSED = "allowed", "killed", "refused"


def filtered(machine: str, number: int, *arguments: int, abi: int | None = None) -> str:
    """What the filter says to a system call: its program, run here."""
    words = {0: number, 4: seccomp.ARCHITECTURES[machine] if abi is None else abi}
    words |= {16 + 8 * place: value & 0xFFFFFFFF for place, value in enumerate((*arguments, 0, 0, 0)[:6])}
    lines, place, held = seccomp.program(machine), 0, 0
    while True:
        code, when_true, when_false, value = lines[place]
        place += 1
        if code == seccomp.LOAD:
            held = words[value]
        elif code == seccomp.RETURN:
            plain = {seccomp.ALLOW: ALLOWED, seccomp.KILL: KILLED}
            return plain.get(value) or f"{REFUSED} {errno.errorcode[value & 0xFFFF]}"
        else:
            true = {
                seccomp.JUMP_EQUAL: held == value,
                seccomp.JUMP_AT_LEAST: held >= value,
                seccomp.JUMP_ANY_BIT: bool(held & value),
            }[code]
            place += when_true if true else when_false


@pytest.mark.parametrize(
    ("machine", "number", "arguments", "expected"),
    [
        (X86_64, 0, (), ALLOWED),  # read
        (X86_64, 319, (), ALLOWED),  # memfd_create
        (X86_64, 41, (2, 1), f"{REFUSED} EPERM"),  # socket, of the internet
        (X86_64, 41, (1, 1), f"{REFUSED} EPERM"),  # socket, Unix
        (X86_64, 53, (1, 1), ALLOWED),  # socketpair, Unix
        (X86_64, 53, (2, 1), f"{REFUSED} EPERM"),
        (X86_64, 56, (0x01200011,), ALLOWED),  # clone, as fork does it
        (X86_64, 56, (0x003D0F00,), ALLOWED),  # clone, as a thread is made
        (X86_64, 56, (0x10000011,), f"{REFUSED} EPERM"),  # clone into a user namespace
        (X86_64, 435, (), f"{REFUSED} ENOSYS"),  # clone3
        (X86_64, 302, (0, 7), ALLOWED),  # prlimit of itself
        (X86_64, 302, (1, 7), f"{REFUSED} EPERM"),  # and of another process
        (X86_64, 16, (0, 0x5401), ALLOWED),  # ioctl
        (X86_64, 16, (0, 0x5412), f"{REFUSED} EPERM"),  # ioctl, typing on the terminal
        (X86_64, 101, (), f"{REFUSED} EPERM"),  # ptrace
        (X86_64, 425, (), f"{REFUSED} EPERM"),  # io_uring
        (X86_64, 0x40000000, (), KILLED),  # x32
        (AARCH64, 63, (), ALLOWED),  # read
        (AARCH64, 198, (2, 1), f"{REFUSED} EPERM"),  # socket
        (AARCH64, 117, (), f"{REFUSED} EPERM"),  # ptrace
        (AARCH64, 220, (0x01200011,), ALLOWED),  # clone
        (AARCH64, 220, (0x10000011,), f"{REFUSED} EPERM"),
    ],
)
def test_a_system_call_is_allowed_or_refused(
    machine: str, number: int, arguments: tuple[int, ...], expected: str
) -> None:
    assert filtered(machine, number, *arguments) == expected


@pytest.mark.parametrize("machine", [X86_64, AARCH64])
def test_a_foreign_abi_is_killed(machine: str) -> None:
    assert filtered(machine, 20, abi=0x40000003) == KILLED  # int 0x80


def test_what_is_hidden_is_left_out_and_what_lies_beside_it_is_not(tmp_path: Path) -> None:
    for name in ("site/grader/secret", "site/torch/lib", "python"):
        (tmp_path / name).mkdir(parents=True)

    readable, listable = roots.around([str(tmp_path)], [tmp_path / "site" / "grader"])

    assert readable == [str(tmp_path / "python"), str(tmp_path / "site" / "torch")]
    assert listable == [str(tmp_path), str(tmp_path / "site")]


@pytest.mark.parametrize(("files", "over"), [(10, False), (7000, True)])
def test_the_supervisor_counts_what_lies_in_a_folder(tmp_path: Path, files: int, over: bool) -> None:
    for number in range(files):
        (tmp_path / str(number)).touch()
    (tmp_path / "everything").symlink_to("/")
    watching = Supervisor(0, {"file_mb": 1}, tmp_path, None)

    assert watching._overfull(tmp_path) is over


def test_the_supervisor_sees_a_large_file_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "large").write_bytes(bytes(3 << 20))

    assert Supervisor(0, {"file_mb": 1}, tmp_path, None)._overfull(tmp_path)


def test_strict_takes_nothing_lesser_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces, "unavailable", lambda: "namespaces: not here. Mend it so.")
    monkeypatch.setattr(slot, "unavailable", lambda: "slot: not here. Mend it otherwise.")

    with pytest.raises(UsageError) as caught:
        isolate.choose("strict")

    assert "namespaces: not here. Mend it so." in str(caught.value)
    assert "slot: not here. Mend it otherwise." in str(caught.value)
    assert "grade doctor" in str(caught.value)


def test_strict_without_a_sandbox_is_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(namespaces, "unavailable", lambda: "not here")
    monkeypatch.setattr(slot, "unavailable", lambda: "not here either")
    (tmp_path / "work.py").write_text("x = 1\n")

    assert cli.main(["quiz1", str(tmp_path / "work.py"), "--isolation", "strict"]) == 2
    assert "fit for strangers" in capsys.readouterr().err


def test_the_doctor_tells_the_same_to_people_and_to_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)

    assert cli.main(["doctor"]) == code == (0 if told["strict"] else 1)
    shown = capsys.readouterr().out
    assert {row["name"] for row in told["sandboxes"]} == set(isolate.BACKENDS)
    rows = [*told["layers"], *told["sandboxes"]]
    assert [row["name"] for row in rows if row["name"] not in shown] == []
    assert [row for row in told["layers"] if not row["works"] and not (row["found"] and row["fix"])] == []
    assert [row for row in told["sandboxes"] if not row["works"] and not row["found"]] == []
