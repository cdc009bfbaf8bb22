"""The table of docs/security.md, from what ``pytest -m hostile`` noted:

    GRADER_HOSTILE_TABLE=rows.jsonl pytest -m hostile; PYTHONPATH=tests python tests/hostile/table.py rows.jsonl
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hostile import corpus

SANDBOXES = ("namespaces", "slot", "self", "bubblewrap", "process")


def table(files: list[str]) -> str:
    """One row for each case; the last run of each counts."""
    status: dict[str, str] = {}
    marks: dict[tuple[str, str], str] = {}
    unpromised = {(case.name, name) for case in corpus.cases() for name in case.unpromised}
    for file in files:
        for line in Path(file).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            case, name = row["case"], row["sandbox"]
            status.setdefault(case, row["status"])
            told = "yes" if row["status"] == status[case] else row["status"]
            if (case, name) in unpromised:
                continue
            marks[case, name] = "**no**" if row["wrongs"] else told
    rows = [f"| case | status | {' | '.join(SANDBOXES)} |", f"| --- | --- | {' | '.join('---' for _ in SANDBOXES)} |"]
    for case in sorted(status):
        cells = (marks.get((case, name), "–") for name in SANDBOXES)
        rows.append(f"| {case.replace('_', ' ')} | `{status[case]}` | {' | '.join(cells)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(sys.argv[1:]))
