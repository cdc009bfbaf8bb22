"""Reports: what a student sees of a grade, and that a student's text stays text in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePath
from typing import Any

from grader.records import (
    Assignment,
    CheckResult,
    CheckSpec,
    Finding,
    Grade,
    LayerRow,
    LayerSpec,
    LearningRun,
    Limits,
    Recipe,
    Repair,
    RepairStep,
    Where,
)
from grader.report import chart, columns, github, html, inert, result, spec, story, text

SOURCE = """import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3)
        self.pool = nn.MaxPool2d(2, 2)
"""
ASSIGNMENT = Assignment(
    id="quiz9",
    title="A small network",
    source="lecture 000, slide 9",
    folder=Path("assignments/quiz9"),
    input_shape=(3, 32, 32),
    classes=10,
    parameters=1234,
    layers=(
        LayerSpec(
            name="conv1",
            kind="conv",
            title="Convolution 3 -> 6",
            source="slide 9",
            attributes={"kernel_size": [5, 5], "padding": [0, 1]},
        ),
        LayerSpec(name="relu1", kind="relu", title="ReLU", source="slide 9", attributes={"function": "relu"}),
    ),
    tolerate=frozenset({"dropout"}),
    alternatives={"average pool": {"pool": "average"}},
    recipe=Recipe(loss="cross_entropy", optimizer="SGD", hyperparameters={"lr": 0.01, "momentum": 0.9}),
    checks=(CheckSpec(id="layers", points=60.0), CheckSpec(id="learns", points=40.0)),
    limits=Limits(),
    training_steps=4,
)
WRONG_KERNEL = Finding(
    code="wrong-attribute",
    message="`conv1` has kernel_size 3; the handout asks for 5.",
    hint="Write `nn.Conv2d(3, 6, 5)`.",
    layer="conv1",
    attribute="kernel_size",
    expected="5",
    found="3",
    where=Where(file="model.py", line=7),
)
CONSEQUENCE = Finding(
    code="wrong-attribute",
    message="fc1 takes 576 features because of conv1.",
    layer="fc1",
    attribute="in_features",
    expected="400",
    found="576",
    charged=False,
)
LAYERS = CheckResult(
    id="layers",
    title="Every layer is as the handout asks",
    verdict="fail",
    points=52.5,
    max_points=60.0,
    message="One layer differs.",
    findings=(WRONG_KERNEL, CONSEQUENCE),
    rows=(
        LayerRow(
            layer="conv1",
            title="Convolution 3 -> 6",
            expected="kernel 5",
            found="kernel 3",
            verdict="fail",
            where=Where(file="model.py", line=7),
        ),
        LayerRow(layer="relu1", title="ReLU", expected="relu", found="relu", verdict="pass"),
    ),
)
LEARNS = CheckResult(
    id="learns",
    title="The network learns",
    verdict="pass",
    points=40.0,
    max_points=40.0,
    message="It memorised a batch.",
)
GRADE = Grade(
    assignment=ASSIGNMENT,
    submission="submissions/kim",
    status="graded",
    score=92.5,
    max_score=100.0,
    needs_review=False,
    summary="One layer differs from the handout.",
    checks=(LAYERS, LEARNS),
    parameters=1180,
    output_shape=("N", 10),
    network_hash="ab12",
    learning=(
        LearningRun(
            kind="memorise",
            learned=True,
            losses=(2.3, 1.1, 0.2),
            steps=3,
            message="It memorised a batch.",
            device="cpu",
            wall_s=1.5,
        ),
    ),
    environment={"torch": "2.13.0", "device": "cpu", "seed": 0},
    notes=("Two lines of magic were left out.",),
    sources={"model.py": SOURCE},
)
REPAIR = Repair(
    steps=(RepairStep(text="In conv1 set kernel_size=5.", layers=("conv1",), where=Where(file="model.py", line=7)),),
    consequences=(RepairStep(text="fc1 expect 400 inputs", layers=("fc1",), where=Where(file="model.py", line=9)),),
    verified=True,
)
HOSTILE = (
    '</pre></style><script>alert(1)</script><img src=x onerror=alert(1)>"\'><a href="javascript:alert(1)">'
    "\x1b[2J\x1b]0;owned\x07\u202e\u2066\x9b31m\x00\ud800{{ 7 * 7 }}"
)


def hostile_grade() -> Grade:
    finding = Finding(
        code=HOSTILE,
        message=HOSTILE,
        hint=HOSTILE,
        layer=HOSTILE,
        attribute=HOSTILE,
        expected=HOSTILE,
        found=HOSTILE,
        where=Where(file=HOSTILE, line=1),
    )
    row = LayerRow(layer=HOSTILE, title=HOSTILE, expected=HOSTILE, found=HOSTILE, verdict="fail", where=finding.where)
    check = replace(
        LAYERS,
        title=HOSTILE,
        message=HOSTILE,
        findings=(finding, replace(finding, charged=False)),
        rows=(row,),
    )
    return replace(
        GRADE,
        assignment=replace(ASSIGNMENT, title=HOSTILE, source=HOSTILE),
        submission=HOSTILE,
        summary=HOSTILE,
        checks=(check, replace(LEARNS, verdict="fail", points=0.0, message=HOSTILE)),
        network_hash=HOSTILE,
        learning=(replace(GRADE.learning[0], kind=HOSTILE, message=HOSTILE),),
        environment={HOSTILE: HOSTILE},
        notes=(HOSTILE,),
        sources={HOSTILE: f"{HOSTILE}\n::error::x\n"},
        repair=Repair(
            steps=(RepairStep(text=HOSTILE, layers=(HOSTILE,), where=finding.where),), consequences=(), verified=True
        ),
    )


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_result_file_has_the_keys_and_the_order_of_schema_1() -> None:
    expected: dict[str, Any] = {
        "schema": 1,
        "assignment": "quiz9",
        "submission": "submissions/kim",
        "status": "graded",
        "score": 92.5,
        "max_score": 100.0,
        "needs_review": False,
        "checks": [
            {
                "id": "layers",
                "title": "Every layer is as the handout asks",
                "verdict": "fail",
                "points": 52.5,
                "max_points": 60.0,
                "message": "One layer differs.",
                "findings": [
                    {
                        "code": "wrong-attribute",
                        "layer": "conv1",
                        "attribute": "kernel_size",
                        "expected": "5",
                        "found": "3",
                        "message": "`conv1` has kernel_size 3; the handout asks for 5.",
                        "hint": "Write `nn.Conv2d(3, 6, 5)`.",
                        "charged": True,
                        "where": {"file": "model.py", "line": 7, "cell": None},
                    },
                    {
                        "code": "wrong-attribute",
                        "layer": "fc1",
                        "attribute": "in_features",
                        "expected": "400",
                        "found": "576",
                        "message": "fc1 takes 576 features because of conv1.",
                        "hint": "",
                        "charged": False,
                        "where": None,
                    },
                ],
                "rows": [
                    {
                        "layer": "conv1",
                        "title": "Convolution 3 -> 6",
                        "expected": "kernel 5",
                        "found": "kernel 3",
                        "verdict": "fail",
                        "where": {"file": "model.py", "line": 7, "cell": None},
                    },
                    {
                        "layer": "relu1",
                        "title": "ReLU",
                        "expected": "relu",
                        "found": "relu",
                        "verdict": "pass",
                        "where": None,
                    },
                ],
            },
            {
                "id": "learns",
                "title": "The network learns",
                "verdict": "pass",
                "points": 40.0,
                "max_points": 40.0,
                "message": "It memorised a batch.",
                "findings": [],
                "rows": [],
            },
        ],
        "network": {"parameters": 1180, "output_shape": ["N", 10], "hash": "ab12"},
        "repair": None,
        "learning": [
            {
                "kind": "memorise",
                "learned": True,
                "losses": [2.3, 1.1, 0.2],
                "steps": 3,
                "message": "It memorised a batch.",
                "device": "cpu",
                "wall_s": 1.5,
            }
        ],
        "environment": {"device": "cpu", "seed": 0, "torch": "2.13.0"},
    }
    assert result.render(GRADE) == json.dumps(expected, indent=2) + "\n"


def test_the_result_file_does_not_depend_on_the_order_of_the_environment() -> None:
    turned = replace(GRADE, environment=dict(reversed(list(GRADE.environment.items()))))
    assert result.render(turned) == result.render(GRADE)


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def test_a_number_that_is_no_number_is_null_in_the_result_file() -> None:
    run = replace(GRADE.learning[0], losses=(2.3, float("nan"), float("inf")))
    data = json.loads(result.render(replace(GRADE, learning=(run,))), parse_constant=refuse)
    assert data["learning"][0]["losses"] == [2.3, None, None]


def test_a_network_that_could_not_be_read_is_null_in_the_result_file() -> None:
    unread = replace(GRADE, parameters=None, output_shape=None, network_hash=None)
    assert result.as_data(unread)["network"] is None


def test_hostile_strings_leave_the_result_file_plain_ascii() -> None:
    rendered = result.render(hostile_grade())
    assert rendered.isascii()
    assert rendered.replace("\n", " ").isprintable()
    assert json.loads(rendered)["submission"] == HOSTILE.replace("\ud800", "?")


def test_the_terminal_report_is_this() -> None:
    assert text.render(GRADE, width=70) == (
        "quiz9 · A small network\n"
        "submissions/kim\n"
        "\n"
        "92.5 / 100 points\n"
        "One layer differs from the handout.\n"
        "\n"
        "  ✗ layers  52.5/60  One layer differs.\n"
        "  ✓ learns    40/40  The network learns\n"
        "\n"
        "What to do first\n"
        "\n"
        "✗ layers  \N{MINUS SIGN}7.5 points\n"
        "  model.py:7 conv1.kernel_size\n"
        "    5 │ def __init__(self):\n"
        "    6 │     super().__init__()\n"
        "  > 7 │     self.conv1 = nn.Conv2d(3, 6, 3)\n"
        "    8 │     self.pool = nn.MaxPool2d(2, 2)\n"
        "  `conv1` has kernel_size 3; the handout asks for 5.\n"
        "  → Write `nn.Conv2d(3, 6, 5)`.\n"
        "  Why: The quiz slide fixes every size, and later sizes depend on it:\n"
        "       400 = 16 x 5 x 5 comes from kernels of 5 and pools of 2.\n"
        "  Read more: grade explain wrong-attribute\n"
        "\n"
        "Follows from this, not charged\n"
        "\n"
        "  · fc1 takes 576 features because of conv1.\n"
        "\n"
        "Notes\n"
        "\n"
        "  · Two lines of magic were left out.\n"
    )


WAY = "In conv1 set kernel_size=5 (model.py:7); that also makes fc1 expect 400 inputs (model.py:9)."


def test_a_repair_of_one_step_is_one_sentence_with_what_it_forces() -> None:
    assert story.way(REPAIR) == (WAY,)


def test_a_repair_of_two_steps_says_last_what_both_force() -> None:
    more = RepairStep(text="After conv1 add ReLU.", layers=("conv1",), where=None)
    assert story.way(replace(REPAIR, steps=(*REPAIR.steps, more))) == (
        "In conv1 set kernel_size=5 (model.py:7).",
        "After conv1 add ReLU.",
        "That also makes fc1 expect 400 inputs (model.py:9).",
    )


def test_a_repair_that_was_not_tried_is_not_told() -> None:
    assert story.way(replace(REPAIR, verified=False)) == story.way(None) == ()


def test_a_repair_stands_in_every_report() -> None:
    mended = replace(GRADE, repair=REPAIR)
    plain, page = " ".join(text.render(mended).split()), Page(html.render(mended)).text
    assert f"{story.SHORTEST_WAY} → {WAY}" in plain
    assert f"{story.SHORTEST_WAY} {WAY}" in page
    assert json.loads(result.render(mended))["repair"] == {
        "steps": [
            {
                "text": "In conv1 set kernel_size=5.",
                "layers": ["conv1"],
                "where": {"file": "model.py", "line": 7, "cell": None},
            }
        ],
        "consequences": [
            {
                "text": "fc1 expect 400 inputs",
                "layers": ["fc1"],
                "where": {"file": "model.py", "line": 9, "cell": None},
            }
        ],
        "verified": True,
    }


def test_the_layer_table_is_told_on_request() -> None:
    table = "  ✗ conv1  expected kernel 5, found kernel 3\n  ✓ relu1  relu\n"
    assert table in text.render(GRADE, layers=True)
    assert table not in text.render(GRADE)


def test_hostile_strings_are_written_out_on_a_terminal() -> None:
    rendered = text.render(hostile_grade(), width=70, layers=True)
    assert [character for character in rendered if inert.is_harmful(character)] == []
    assert "\\x1b[2J" in rendered
    assert "\\u202e" in rendered


def test_every_line_of_the_terminal_report_fits_the_width() -> None:
    korean = replace(GRADE, summary="합성곱 층의 커널 크기가 다릅니다. " * 8, notes=("x" * 500,))
    lines = text.render(korean, width=60, layers=True).splitlines()
    assert max(columns.width(line) for line in lines) <= 60


def test_the_page_holds_the_whole_story() -> None:
    page = Page(html.render(GRADE))
    wanted = (
        "92.5 of 100 points One layer differs from the handout. What to do first",
        "7 self.conv1 = nn.Conv2d(3, 6, 3)",
        "has kernel_size 3; the handout asks for 5. → Write nn.Conv2d(3, 6, 5) .",
        "✗ failed Layers One layer differs. 52.5 / 60 ✓ passed Learns The network learns 40 / 40",
        "conv1 Convolution 3 -> 6 kernel 5 kernel 3 model.py:7 ✗ differs relu1 ReLU relu relu ✓ right",
        "training step loss Loss on one batch, shown again and again, from 2.3 to 0.2.",
        "Follows from this, not charged fc1 takes 576 features because of conv1.",
        "Notes Two lines of magic were left out.",
        "parameters 1,180 device cpu seed 0 torch 2.13.0",
    )
    assert [part for part in wanted if part not in page.text] == []


def test_hostile_strings_are_inert_on_the_page() -> None:
    page, tame = Page(html.render(hostile_grade())), Page(html.render(replace(GRADE, repair=REPAIR)))
    assert set(page.tags) <= set(tame.tags)
    assert not {"script", "img", "a", "iframe", "link", "object", "form"} & set(page.tags)
    assert {name for name, _ in page.attributes} <= {name for name, _ in tame.attributes}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("href", "src", "style")]
    assert [character for character in "".join(page.words) if inert.is_harmful(character)] == []
    assert "{{ 7 * 7 }}" in page.text


def test_the_page_fetches_nothing_and_its_policy_names_its_own_style() -> None:
    rendered = html.render(GRADE)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', rendered)
    assert policy is not None
    assert re.fullmatch(
        r"default-src &#39;none&#39;; style-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;; "
        r"base-uri &#39;none&#39;; form-action &#39;none&#39;",
        policy.group(1),
    )
    assert [address for address in ("http:", "https:", "url(", "@import", "data:") if address in rendered] == []


def test_a_grade_without_evidence_still_has_a_page_and_a_text() -> None:
    empty = replace(
        GRADE,
        status="import-error",
        score=0.0,
        needs_review=True,
        summary="The program stopped at line 3.",
        checks=(),
        parameters=None,
        output_shape=None,
        learning=(),
        notes=(),
    )
    assert text.render(empty, width=80) == (
        "quiz9 · A small network\n"
        "submissions/kim\n"
        "\n"
        "0 / 100 points\n"
        "The program stopped at line 3.\n"
        "→ Hand in the files that the program imports, and run it once from top to\n"
        "  bottom.\n"
        "Read more: grade explain import-error\n"
        "A person has to look at this grade: the grader could not check everything.\n"
        "\n"
        "  Nothing could be checked.\n"
    )
    assert "→ Hand in the files that the program imports" in Page(html.render(empty)).text


def test_a_program_that_stopped_is_told_once_though_it_costs_several_checks() -> None:
    where = WRONG_KERNEL.where
    stop = Finding(code="program-error", message="It stopped; expected more.", hint="Fix this line.", where=where)
    failed = replace(LEARNS, verdict="fail", points=0.0, findings=(stop,), message=stop.message)
    other = replace(failed, id="loss", max_points=5.0)
    told = text.render(replace(GRADE, checks=(failed, other)), width=80)
    assert told.count("It stopped; expected more.") == 1
    assert "✗ loss  \N{MINUS SIGN}5 points\n  For the same reason as learns.\n" in told
    assert "It stopped.\n" in told.partition("What to do first")[0]

def test_the_dearest_mistake_comes_first() -> None:
    dear = replace(LEARNS, verdict="fail", points=10.0, message="It learns nothing.")
    told = story.mistakes(replace(GRADE, checks=(LAYERS, dear)))
    assert [(mistake.check.id, mistake.lost, mistake.findings) for mistake in told] == [
        ("learns", 30.0, ()),
        ("layers", 7.5, (WRONG_KERNEL,)),
    ]


def test_a_failed_check_that_cost_nothing_is_a_consequence() -> None:
    follows = replace(LAYERS, points=60.0, findings=(CONSEQUENCE,))
    assert story.mark(follows) == ("↳", "follows", "quiet")
    assert story.mistakes(replace(GRADE, checks=(follows,))) == ()


def test_a_line_of_a_notebook_is_quoted_from_its_cell() -> None:
    notebook = replace(GRADE, sources={"net.ipynb#3": "a = 1\nb = 2\n"})
    where = Where(file="net.ipynb", line=2, cell=3)
    assert story.place(where) == "net.ipynb, cell 3, line 2"
    assert story.quote(notebook, where) == (
        story.QuotedLine(number=1, text="a = 1", marked=False),
        story.QuotedLine(number=2, text="b = 2", marked=True),
    )


def test_line_numbers_are_those_of_python() -> None:
    grade = replace(GRADE, sources={"a.py": "x = '\x0c\u2028'\r\ny = 2\rz = 3"})
    assert [line.text for line in story.quote(grade, Where(file="a.py", line=3), around=0)] == ["z = 3"]


def test_a_line_that_the_source_does_not_have_is_not_quoted() -> None:
    assert story.quote(GRADE, Where(file="model.py", line=99)) == ()
    assert story.quote(GRADE, Where(file="other.py", line=1)) == ()


def test_points_have_no_idle_digits() -> None:
    assert [story.points(value) for value in (100.0, 87.5, 32.333, 0.0)] == ["100", "87.5", "32.33", "0"]


def test_a_curve_ends_where_the_loss_is_no_number() -> None:
    drawn = chart.draw((2.0, 1.0, float("nan"), 1.0), chance=2.3)
    assert drawn is not None
    assert (drawn.broken, drawn.first, drawn.last) == (3, 2.0, 1.0)
    assert [tick.label for tick in drawn.y_ticks] == ["0", "0.5", "1", "1.5", "2", "2.5"]
    assert [tick.label for tick in drawn.x_ticks] == ["1", "2", "3", "4"]
    assert chart.draw((float("nan"),)) is None


def test_annotations_name_file_and_line_and_escape_the_rest() -> None:
    finding = replace(WRONG_KERNEL, message="50% off\n::stop", hint="", where=Where(file="a,b.py", line=4))
    grade = replace(GRADE, checks=(replace(LAYERS, findings=(finding,)),))
    assert github.render(grade, PurePath("work")) == (
        "::error file=work/a%2Cb.py,line=4,title=layers::50%25 off%0A::stop\n"
    )


def test_annotations_of_a_notebook_name_the_cell_in_the_message() -> None:
    finding = replace(WRONG_KERNEL, message="wrong", hint="", where=Where(file="net.ipynb", line=4, cell=2))
    grade = replace(GRADE, checks=(replace(LAYERS, findings=(finding,)),))
    assert github.render(grade, PurePath("net.ipynb")) == (
        "::error file=net.ipynb,title=layers::net.ipynb, cell 2, line 4: wrong\n"
    )


def test_text_for_a_runner_holds_no_command() -> None:
    assert github.tame("a\n  ::add-mask::x\nb ##[error]c\n") == "a\n: :add-mask::x\nb ## [error]c\n"


def test_a_spec_shows_layers_recipe_and_points() -> None:
    assert spec.render(ASSIGNMENT) == (
        "quiz9 · A small network\n"
        "lecture 000, slide 9\n"
        "\n"
        "Input 3 x 32 x 32, 10 classes, 1,234 parameters.\n"
        "\n"
        "Layers\n"
        "\n"
        "  conv1  Convolution 3 -> 6\n"
        "         kernel_size=5, padding=(0, 1)\n"
        "  relu1  ReLU\n"
        "\n"
        "Right as well:\n"
        "  · average pool\n"
        "\n"
        "May be added freely: dropout.\n"
        "\n"
        "Training\n"
        "\n"
        "  loss       cross-entropy\n"
        "  optimizer  SGD(lr = 0.01, momentum = 0.9)\n"
        "\n"
        "Points\n"
        "\n"
        "  layers   60\n"
        "  learns   40\n"
        "  in all  100\n"
    )


def test_wide_characters_count_as_two_columns() -> None:
    assert (columns.width("층 a"), columns.cut("층층층", 5), columns.wrap("층층 층층", 6, "- ")) == (
        4,
        "층층…",
        ["- 층층", "  층층"],
    )
