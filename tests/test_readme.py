"""What the README and docs/ say is so: the commands, the options, the codes, the files, the output that is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import click
import pytest

from grader import assignment, cli, commands, pipeline
from grader.check.codes import CODES
from grader.commands import options
from grader.records import Status
from grader.validate import cases

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULT = (ROOT / "docs" / "result.md").read_text(encoding="utf-8")
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def table(heading: str, text: str = README) -> list[list[str]]:
    """The rows of the first table at or after a piece of text: its cells."""
    lines = text[text.index(heading) :].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| ---"))
    rows = []
    for line in lines[start + 1 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_ci_runs_the_commands_that_the_readme_prints() -> None:
    shown = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "--commands"], capture_output=True, text=True, check=True, cwd="/"
    )

    assert shown.stdout.splitlines() == [
        "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/grade quiz1 reference/quiz1.py -o report",
        "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
    ]
    assert [block.rstrip("\n") for block in blocks("sh")[:2]] == shown.stdout.splitlines()


def test_every_command_in_the_readme_exists() -> None:
    used = {line.split()[1] for block in blocks("sh") for line in block.splitlines() if line.startswith("grade ")}

    assert used - {*assignment.ids(), *cli.cli.list_commands(click.Context(cli.cli))} == set()


def test_the_option_table_is_the_command_lines() -> None:
    listed = [quoted(row[0]) for row in table("| option |")]

    assert listed == [sorted(option.opts, key=len) for option in options.GRADING]


def test_the_exit_codes_are_the_command_lines() -> None:
    codes = [int(row[0]) for row in table("| exit code |")]

    assert codes == [commands.PASSED, commands.FAILED, commands.WRONG_USE, commands.OUR_FAULT, commands.INTERRUPTED]


def test_every_place_in_the_readme_exists() -> None:
    named = [name.replace("<id>", "quiz1") for row in table("| place |") for name in quoted(row[0])]

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_example_expectations_can_be_read(tmp_path: Path) -> None:
    read = []
    for number, line in enumerate(line for line in README.splitlines() if line.startswith("# expect: ")):
        case = tmp_path / f"case{number}.py"
        case.write_text(re.split(r" {3,}", line)[0] + "\n", encoding="utf-8")
        found = cases.read(case)
        read.append(
            (found.full, found.status, found.place, [(one.code, one.subject, one.place) for one in found.findings])
        )

    assert read == [
        (True, "", "", []),
        (False, "", "", [("wrong-attribute", "conv2.kernel_size", "14")]),
        (False, "", "", [("no-zero-grad", "", "train.py:31"), ("wrong-momentum", "", "")]),
        (False, "", "", [("missing-layer", "pool1", "3/8")]),
        (False, "syntax-error", "7", []),
        (False, "forward-error", "9", [("missing-layer", "pool2", "")]),
    ]


def test_the_output_that_is_shown_is_what_the_command_prints(tmp_path: Path) -> None:
    shown = re.search(r"<!-- output: grade (.*?) -->\n```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert shown is not None
    command = [sys.executable, "-m", "grader", *shown[1].split(), "-o", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, encoding="utf-8")

    printed = iter(done.stdout.splitlines())
    absent = [line for line in shown[2].splitlines() if line not in printed]  # consumes: in this order
    assert (absent, done.returncode) == ([], commands.FAILED)


def test_the_result_page_names_every_status() -> None:
    assert [quoted(row[0])[0] for row in table("## Statuses", RESULT)] == list(get_args(Status))


def test_the_result_page_names_every_code_beside_its_check() -> None:
    listed = {code: quoted(row[0])[0] for row in table("## Finding codes", RESULT) for code in quoted(row[1])}

    assert listed == {code: check for code, (_, _, check) in CODES.items()}


def test_the_pipeline_is_imported_without_torch() -> None:
    program = "import sys, grader.pipeline; print(sorted({'torch', 'torchvision', 'numpy'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout == "[]\n"


def test_the_numbers_of_the_sandbox_are_the_pipelines_and_the_probes() -> None:
    page = " ".join((ROOT / "docs" / "submissions.md").read_text(encoding="utf-8").split())
    by_hand = (ROOT / "grader" / "probe" / "by_hand.py").read_text(encoding="utf-8")
    most = int(re.findall(r"^MOST_STEPS = ([\d_]+)", by_hand, re.MULTILINE)[0])
    said = (
        f"repeats {pipeline.TRAIN_IMAGES} pictures; the test split is {pipeline.TEST_IMAGES} pictures long",
        f"Batches larger than {pipeline.BATCH_CAP} are made of {pipeline.BATCH_CAP};",
        f"ended after {most:,} more steps",
    )

    assert [sentence for sentence in said if sentence not in page] == []
