"""Who handed in what, in every form that platforms give it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from grader.batch import arrivals, roster
from grader.batch.platforms import Handed, recognise
from grader.errors import InputRejected, UsageError
from grader.records import Student

CODE = b"import torch\n"
CANVAS = {
    "doejane_101_9001_net.py": CODE,
    "doejane_101_9002_model-1.py": CODE,
    "roerick_LATE_102_9003_quiz.ipynb.py": CODE,
    "leeann_103_9004_my_own_net.py": CODE,
}
MOODLE = {
    "Jane Doe_2001_assignsubmission_file_/net.py": CODE,
    "Jane Doe_2001_assignsubmission_file_/lib/blocks.py": CODE,
    "Jane Doe_2001_assignsubmission_onlinetext_/onlinetext.html": b"hello",
    "Müller, Änne_2002_assignsubmission_file_/net.py": CODE,
    "Only Text_2003_assignsubmission_onlinetext_/onlinetext.html": b"hello",
}
METADATA = b"""---
submission_501:
  :submitters:
  - :name: Jane Doe
    :sid: '2001'
    :email: jane@uni.example
  - :name: Rick Roe
    :sid: '2002'
    :email: rick@uni.example
  :created_at: 2026-11-20 10:11:12.000000000 Z
  :score: 0.0
submission_502:
  :submitters:
  - :name: Ann Lee
    :sid:
    :email: ann@uni.example
"""
GRADESCOPE = {
    "assignment_77_export/submission_metadata.yml": METADATA,
    "assignment_77_export/submission_501/net.py": CODE,
    "assignment_77_export/submission_502/net.py": CODE,
}


def zipped(place: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return place


def unpacked(place: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def found(path: Path, platform: str = "auto") -> tuple[str, dict[str, Handed], dict[str, list[str] | str]]:
    """The platform, everyone by id, and the programs of each, or why there are none."""
    with arrivals.find(path, platform) as those:
        programs: dict[str, list[str] | str] = {}
        for one in those.everyone:
            try:
                programs[one.student.id] = [program.path for program in those.collect(one).programs]
            except InputRejected as error:
                programs[one.student.id] = str(error)
        return those.platform, {one.student.id: one for one in those.everyone}, programs


@pytest.mark.parametrize("form", [zipped, unpacked])
def test_canvas_names_tell_student_lateness_and_own_file_names(tmp_path: Path, form: type) -> None:
    platform, everyone, programs = found(form(tmp_path / "s.zip", CANVAS))
    assert platform == "canvas"
    assert programs == {"101": ["model.py", "net.py"], "102": ["quiz.ipynb.py"], "103": ["my_own_net.py"]}
    assert [(one.student.name, one.late) for one in everyone.values()] == [
        ("doejane", False), ("leeann", False), ("roerick", True),
    ]  # fmt: skip


def test_anonymous_canvas_names_keep_their_number(tmp_path: Path) -> None:
    files = {"anon_x7Gh2_9001_net.py": CODE, "anon_LATE_k2_9002_net.py": CODE}
    platform, everyone, programs = found(zipped(tmp_path / "s.zip", files))
    assert (platform, programs) == ("canvas", {"x7Gh2": ["net.py"], "k2": ["net.py"]})
    assert everyone["k2"].late


@pytest.mark.parametrize("form", [zipped, unpacked])
def test_moodle_folders_tell_the_full_name_and_the_participant(tmp_path: Path, form: type) -> None:
    platform, everyone, programs = found(form(tmp_path / "s.zip", MOODLE))
    assert platform == "moodle"
    assert programs["2001"] == ["lib/blocks.py", "net.py"]
    assert programs["2002"] == ["net.py"]
    assert "Nothing was handed in" in programs["2003"]
    assert everyone["2002"].student == Student(id="2002", name="Müller, Änne", platform_id="2002")


def test_moodle_without_folders_has_the_names_before_the_files(tmp_path: Path) -> None:
    files = {"Jane Doe_2001_assignsubmission_file_net.py": CODE, "Jo Lee_2002_assignsubmission_file_a.py": CODE}
    platform, _, programs = found(zipped(tmp_path / "s.zip", files))
    assert (platform, programs) == ("moodle", {"2001": ["net.py"], "2002": ["a.py"]})


@pytest.mark.parametrize("form", [zipped, unpacked])
def test_gradescopes_export_gives_everyone_of_a_group_a_row(tmp_path: Path, form: type) -> None:
    platform, everyone, programs = found(form(tmp_path / "s.zip", GRADESCOPE))
    assert platform == "gradescope"
    assert programs == {"2001": ["net.py"], "2002": ["net.py"], "ann@uni.example": ["net.py"]}
    assert everyone["2001"].student.email == "jane@uni.example"
    assert everyone["2001"].submitted_at.startswith("2026-11-20T10:11:12")


def test_a_metadata_file_that_wants_to_make_objects_makes_none(tmp_path: Path) -> None:
    evil = b"submission_1: !!python/object/apply:os.system ['touch /tmp/owned']\n"
    place = zipped(tmp_path / "s.zip", {"submission_metadata.yml": evil, "submission_1/a.py": CODE})
    with pytest.raises(UsageError, match="cannot be read"):
        found(place)


def test_folders_files_and_zips_of_students_stand_side_by_side(tmp_path: Path) -> None:
    place = unpacked(tmp_path / "class", {"jane/net.py": CODE, "rick.py": CODE, "empty.txt": b"x", ".hidden.py": CODE})
    zipped(place / "ann.zip", {"net/main.py": CODE})
    (place / "bob").mkdir()
    platform, _, programs = found(place)
    assert platform == "folders"
    assert programs["jane"] == ["net.py"]
    assert programs["rick"] == ["submission.py"]
    assert programs["ann"] == ["main.py"]
    assert "is empty" in programs["bob"]
    assert "is no program" in programs["empty.txt"]


def test_a_folder_around_everything_in_a_zip_is_no_student(tmp_path: Path) -> None:
    place = zipped(tmp_path / "s.zip", {"class/jane/net.py": CODE, "class/rick/net.py": CODE, "__MACOSX/._x": b""})
    assert found(place)[2] == {"jane": ["net.py"], "rick": ["net.py"]}


def test_the_platform_can_be_said(tmp_path: Path) -> None:
    place = unpacked(tmp_path / "class", {"a_1_2_net.py/net.py": CODE, "b_1_3_net.py/net.py": CODE})
    assert found(place)[0] == "canvas"
    assert found(place, "folders")[0] == "folders"
    with pytest.raises(UsageError, match=r"holds no submission_metadata\.yml"):
        found(place, "gradescope")


def test_members_that_point_outside_are_no_files_of_anybody(tmp_path: Path) -> None:
    evil = ["../../out.py", "/etc/abs.py", "jane/../../x.py", "jane\\..\\y.py", "jane/net.py", "rick/net.py"]
    assert found(zipped(tmp_path / "s.zip", dict.fromkeys(evil, CODE)))[2] == {"jane": ["net.py"], "rick": ["net.py"]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.zip"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = unpacked(tmp_path / "secret", {"key.py": CODE})
    place = unpacked(tmp_path / "class", {"jane/net.py": CODE})
    os.symlink(secret, place / "rick")
    os.symlink(secret / "key.py", place / "ann.py")
    os.symlink(secret / "key.py", place / "jane" / "key.py")
    assert found(place)[2] == {"jane": ["net.py"]}


def test_a_student_who_fills_the_disk_is_turned_away_and_the_next_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "s.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(7):
            archive.writestr(f"bomb/{number}.bin", bytes(32 << 20))
        archive.writestr("jane/net.py", CODE)
    programs = found(tmp_path / "s.zip")[2]
    assert "200 MiB" in programs["bomb"]
    assert programs["jane"] == ["net.py"]


def test_nothing_to_grade_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.zip").write_bytes(b"PK no")
    with pytest.raises(UsageError, match="is empty"):
        found(tmp_path / "empty")
    with pytest.raises(UsageError, match="no readable zip"):
        found(tmp_path / "broken.zip")


def test_ordinary_names_are_nobodys_platform() -> None:
    assert recognise(["jane_doe", "rick_roe_2.py"]) == "folders"
    assert recognise([]) == "folders"


def test_a_roster_knows_students_by_what_the_platform_calls_them(tmp_path: Path) -> None:
    place = tmp_path / "gradebook.csv"
    place.write_text(
        "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz (1)\n    Points Possible,,,,,100\n"
        '"Doe, Jane",101,s-1,jdoe,A,\n"Roe, Rick",,s-2,rroe,B,\n'
    )
    known = roster.Roster(roster.read(place))
    jane = Student(id="s-1", name="Doe, Jane", login="jdoe", section="A", platform_id="101")
    assert known.match(Student(id="101", name="x", platform_id="101")) == jane
    assert known.match(Student(id="9", name="roerick", platform_id="9")).id == "s-2"
    assert known.match(Student(id="rroe")).id == "s-2"
    assert known.match(Student(id="who", name="who")) == Student(id="who", name="who")


def test_two_of_one_name_on_a_roster_are_not_guessed_between(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id,first name,last name\n1,Jo,Kim\n2,Jo,Kim\n")
    known = roster.Roster(roster.read(tmp_path / "r.csv"))
    assert known.match(Student(id="x", name="Jo Kim")).id == "x"


def test_a_roster_without_a_name_of_anybody_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("colour,size\nred,1\n")
    with pytest.raises(UsageError, match="Expected a heading"):
        roster.read(tmp_path / "r.csv")


def test_who_takes_anothers_name_does_not_take_his_row(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id,name\ns-1,Jane Doe\n")
    known = roster.Roster(roster.read(tmp_path / "r.csv"))
    jane, thief = Student(id="101", name="Jane Doe"), Student(id="102", name="JANE  DOE")
    assert known.match_all([jane])["101"].id == "s-1"
    assert known.match_all([jane, thief]) == {"101": jane, "102": thief}


def test_one_submitter_of_two_submissions_has_two_rows(tmp_path: Path) -> None:
    both = METADATA.replace(b":sid:\n    :email: ann@uni.example", b":sid: '2001'\n    :email: ann@uni.example")
    files = {**GRADESCOPE, "assignment_77_export/submission_metadata.yml": both}
    assert list(found(zipped(tmp_path / "s.zip", files))[2]) == ["2001", "2002", "2001 (submission_502)"]


def test_a_name_that_is_no_text_is_a_row_all_the_same(tmp_path: Path) -> None:
    for name in (b"\xff", b"\xfe"):
        place = os.fsencode(tmp_path / "class") + b"/" + name
        os.makedirs(place)
        with open(place + b"/net.py", "wb") as file:
            file.write(CODE)
    programs = found(tmp_path / "class")[2]
    assert list(programs.values()) == [["net.py"], ["net.py"]]
    assert all(id.isprintable() for id in programs)
