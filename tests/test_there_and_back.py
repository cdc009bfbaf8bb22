"""From Moodle's and Gradescope's zip to what they take back, with fake grading between. Canvas: test_batch."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from fake_batch import grade
from test_arrivals import GRADESCOPE, MOODLE, zipped

from grader.batch import files

WORKSHEET = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Last modified,Feedback comments
Participant 2001,Jane Doe,j@x,Submitted for grading,,100.00,"Friday, 27 November 2026, 3:00 PM",
Participant 2002,"Müller, Änne",a@x,Submitted for grading,,100.00,"Friday, 27 November 2026, 3:01 PM",
Participant 2003,Only Text,o@x,Submitted for grading,,100.00,-,
Participant 2004,Absent Abe,b@x,No submission,,100.00,-,
"""


def test_from_moodles_zip_to_moodles_worksheet(tmp_path: Path) -> None:
    counts = grade(zipped(tmp_path / "s.zip", MOODLE), tmp_path / "out")
    assert counts.statuses == {"graded": 2, "input-rejected": 1}
    scores = {row.student.id: f"{row.score:g}" for row in files.load(tmp_path / "out").rows}
    text = files.export(tmp_path / "out", "moodle", into=WORKSHEET).read_text()
    before, after = (list(csv.DictReader(io.StringIO(one))) for one in (WORKSHEET, text))
    assert [line["Grade"] for line in after] == [scores["2001"], scores["2002"], "0", ""]
    assert "no file" in after[2]["Feedback comments"]
    kept = [name for name in before[0] if name not in ("Grade", "Feedback comments")]
    assert [[line[name] for name in kept] for line in after] == [[line[name] for name in kept] for line in before]


def test_from_gradescopes_export_to_its_results(tmp_path: Path) -> None:
    counts = grade(zipped(tmp_path / "s.zip", GRADESCOPE), tmp_path / "out")
    assert (counts.done, counts.known) == (3, 2), "a group, and one with the same file"
    files.write_all(tmp_path / "out")
    folder = files.export(tmp_path / "out", "gradescope")
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("*/results.json"))]
    assert len(found) == 3
    rows = files.load(tmp_path / "out").rows
    assert {one["score"] for one in found} == {row.score for row in rows}
    assert [row.student.name for row in rows] == ["Jane Doe", "Rick Roe", "Ann Lee"]
