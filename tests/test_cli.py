"""The command line: what is printed where, and with which exit code it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click
import pytest

from grader import assignment, explain
from grader.cli import cli, main
from grader.commands import exit_code
from grader.commands.grading import present, write
from grader.errors import AssignmentError, GraderError, InputRejected, SandboxUnavailable, UsageError
from grader.records import CheckResult, Finding, Grade, Verdict, Where
from grader.terminal import Terminal

ROOT = Path(__file__).parent.parent
FINDING = Finding(
    code="no-zero-grad",
    message="Gradients are never set to zero.",
    hint="Call `optimizer.zero_grad()`.",
    where=Where(file="train.py", line=2),
)


def grade_with(verdict: Verdict, points: float = 0.0) -> Grade:
    """A grade of one check."""
    check = CheckResult(
        id="training-step",
        title="A step is as the handout's",
        verdict=verdict,
        points=points,
        max_points=10.0,
        message="A step differs." if verdict == "fail" else "",
        findings=(FINDING,) if verdict == "fail" else (),
    )
    return Grade(
        assignment=assignment.load("quiz1"),
        submission="kim",
        status="graded",
        score=90.0 + points,
        max_score=100.0,
        needs_review=verdict == "error",
        summary="One mistake." if verdict == "fail" else "All right.",
        checks=(check,),
        parameters=62006,
        output_shape=("N", 10),
        network_hash="ab",
        learning=(),
        environment={},
        notes=(),
        sources={"train.py": "loss = f(x)\n::error::loss.backward()\n"},
    )


@contextmanager
def command(callback: Callable[[], object]) -> Iterator[None]:
    """A command ``grade sample`` for as long as the block runs."""
    cli.add_command(click.Command("sample", callback=callback))
    try:
        yield
    finally:
        del cli.commands["sample"]


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def callback() -> NoReturn:
        raise error

    return callback


def test_every_assignment_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    output = capsys.readouterr()
    assert [line.split()[0] for line in output.out.splitlines()] == list(assignment.grouped())
    assert output.err == ""


def test_the_list_is_there_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0] == {
        "id": "quiz1",
        "title": assignment.load("quiz1").title,
        "parameters": 62006,
    }


def test_show_names_every_layer_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "quiz2"]) == 0
    words = capsys.readouterr().out.split()
    task = assignment.load("quiz2")
    named = [*(layer.name for layer in task.layers), *(check.id for check in task.checks), "9,225,610", "100"]
    assert [name for name in named if name not in words] == []


def test_show_as_json_holds_the_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "quiz3", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["id"], shown["parameters"], shown["recipe"]["optimizer"]) == ("quiz3", 1094910, "Adam")
    assert sum(check["points"] for check in shown["checks"]) == 100


@pytest.mark.parametrize("name", assignment.ids())
def test_the_help_of_an_assignment_has_a_worked_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example:\n    grade {name} my-{name}/" in shown
    assert assignment.load(name).title in shown


def test_every_command_has_a_worked_example(capsys: pytest.CaptureFixture[str]) -> None:
    without = []
    for name in cli.commands:
        assert main([name, "-h"]) == 0
        if f"Example:\n    grade {name}" not in capsys.readouterr().out:
            without.append(name)
    assert without == []


def test_the_help_lists_assignments_and_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-h"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in (*assignment.ids(), *cli.commands) if f"\n  {name} " not in shown] == []


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "grade, version 0.1.0\n"


def test_a_mistyped_assignment_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["qiuz1", "x"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("grade: There is no assignment and no command named 'qiuz1'. Did you mean quiz1")


def test_a_path_that_does_not_exist_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quiz1", "no-such-folder"]) == 2
    assert "Path 'no-such-folder' does not exist." in capsys.readouterr().err


def test_a_device_that_is_none_is_wrong_use(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["quiz1", str(tmp_path), "--device", "tpu"]) == 2
    assert "'tpu' is no device: auto, cpu, cuda or cuda:0 (or another number)." in capsys.readouterr().err


@pytest.mark.parametrize("name", explain.names())
def test_every_name_can_be_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{name} (")
    assert "\nHow to fix\n" in shown or "\nWhat to do\n" in shown


def test_every_check_of_every_assignment_has_a_full_page() -> None:
    used = {check.id for name in assignment.ids() for check in assignment.load(name).checks}
    headings = {check: tuple(section.heading for section in explain.explain(check).sections[:5]) for check in used}
    assert headings == dict.fromkeys(used, explain.HEADINGS)


def test_a_name_that_is_check_and_finding_is_explained_as_both() -> None:
    page = explain.explain("output-shape")
    assert (page.kind, page.sections[-1].heading) == ("check and finding", "As a finding")


def test_a_mistyped_finding_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "no-zero-grda"]) == 2
    assert "named 'no-zero-grda'. Did you mean no-zero-grad" in capsys.readouterr().err


def test_explain_alone_lists_every_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert tuple(capsys.readouterr().out.split()) == explain.names()


def test_a_docstring_is_read_section_by_section() -> None:
    docstring = """The sentence.

    What it checks
        One thing.

    Why it matters: it does.

    Fails
        for x in y:
            z()
    """
    assert explain.parse("demo", docstring) == explain.Page(
        name="demo",
        kind="check",
        sentence="The sentence.",
        sections=(
            explain.Section(heading="What it checks", body="One thing."),
            explain.Section(heading="Why it matters", body="it does."),
            explain.Section(heading="Fails", body="for x in y:\n    z()", verbatim=True),
        ),
    )


def test_init_copies_handout_and_starters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "work"
    assert main(["init", "quiz2", str(target)]) == 0
    folder = assignment.load("quiz2").folder
    assert {file.name: file.read_bytes() for file in target.iterdir()} == {
        "starter.py": (folder / "starter" / "starter.py").read_bytes(),
        "starter.ipynb": (folder / "starter" / "starter.ipynb").read_bytes(),
        "handout.md": (folder / "handout.md").read_bytes(),
    }
    assert capsys.readouterr().out.splitlines() == [
        str(target / name) for name in ("starter.py", "starter.ipynb", "handout.md")
    ]


def test_init_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "starter.py").write_text("my work")
    assert main(["init", "quiz2", str(tmp_path)]) == 2
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"starter.py": "my work"}
    assert capsys.readouterr().err == (
        f"grade: {tmp_path} has starter.py already: nothing was overwritten. Choose another folder.\n"
    )


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("skip", 0), ("fail", 1), ("error", 3)])
def test_the_exit_code_tells_the_verdict(verdict: Verdict, code: int) -> None:
    assert exit_code(grade_with(verdict)) == code


def test_nothing_checked_is_no_pass() -> None:
    assert exit_code(replace(grade_with("pass"), checks=())) == 1
    assert exit_code(replace(grade_with("pass"), status="time-limit")) == 1
    assert exit_code(replace(grade_with("fail"), needs_review=True)) == 3


def test_json_is_all_there_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    present(grade_with("fail"), Path("kim"), Terminal(), as_json=True)
    output = capsys.readouterr()
    assert json.loads(output.out)["checks"][0]["findings"][0]["code"] == "no-zero-grad"
    assert output.err == ""


def test_quiet_prints_score_and_summary(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(quiet=True)
    terminal.progress("training")
    terminal.note("a note")
    present(grade_with("fail"), Path("kim"), terminal, as_json=False)
    output = capsys.readouterr()
    assert (output.out, output.err) == ("90 / 100 points\nOne mistake.\n", "")


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().progress("training\x1b[2J")
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "training\\x1b[2J\n")


def test_no_colour_where_no_person_reads(capsys: pytest.CaptureFixture[str]) -> None:
    present(grade_with("fail"), Path("kim"), Terminal(verbose=True), as_json=False)
    assert "\x1b" not in capsys.readouterr().out


def test_a_runner_sees_our_annotations_and_no_command_of_a_student(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    present(replace(grade_with("fail"), summary="::add-mask::a"), Path("kim"), Terminal(), as_json=False)
    output = capsys.readouterr()
    assert [line for line in output.out.splitlines() if line.lstrip().startswith("::")] == []
    assert output.err == (
        "::error file=kim/train.py,line=2,title=training-step::"
        "Gradients are never set to zero. Call `optimizer.zero_grad()`.\n"
    )


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert write(grade_with("fail"), folder) == folder / "report.html"
    assert sorted(file.name for file in folder.iterdir()) == ["report.html", "report.json"]
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["score"] == 90.0


def test_a_folder_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="Choose another folder with -o"):
        write(grade_with("pass"), tmp_path / "file" / "report")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("Wrong."), 2),
        (AssignmentError("Wrong."), 2),
        (InputRejected("Wrong."), 2),
        (SandboxUnavailable("Wrong."), 3),
    ],
)
def test_an_error_of_ours_is_one_sentence(error: GraderError, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with command(raising(error)):
        assert main(["sample"]) == code
    output = capsys.readouterr()
    assert (output.out, output.err) == ("", "grade: Wrong.\n")


def test_a_crash_of_the_grader_asks_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    with command(raising(ZeroDivisionError("secret"))):
        assert main(["sample"]) == 3
    assert capsys.readouterr().err == (
        "grade: the grader itself stopped (ZeroDivisionError); this is no fault of the submission. "
        "Please report it to the course staff, with the command and the output of the same command with -v.\n"
    )


def test_a_crash_shows_its_traceback_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    def crash() -> NoReturn:
        click.get_current_context().obj["terminal"] = Terminal(verbose=True)
        raise ZeroDivisionError("division")

    with command(crash):
        assert main(["sample"]) == 3
    assert "ZeroDivisionError: division" in capsys.readouterr().err


def test_an_interrupt_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with command(raising(KeyboardInterrupt())):
        assert main(["sample"]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["show", "quiz2"], ["explain", "layers"], ["init", "quiz1", "work"], ["--help"], ["quiz2", "--help"]],
    ids=" ".join,
)
def test_looking_things_up_needs_no_torch(arguments: list[str], tmp_path: Path) -> None:
    program = (
        "import sys; from grader.cli import main; code = main(sys.argv[1:]); "
        "heavy = {'torch', 'jinja2', 'nbconvert', 'numpy'} & set(sys.modules); "
        "print(code, sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "0 []"


def test_the_package_runs_as_a_module(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grader", "quiz1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Missing argument 'PATH'" in done.stderr
