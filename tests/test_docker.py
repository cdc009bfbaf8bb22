"""What can be held of docker/ without an engine: what it copies is there, and torch is the one of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()


def test_what_the_image_copies_is_there_and_is_not_ignored() -> None:
    copied = [name for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]]
    assert copied == ["pyproject.toml", "README.md", "grader", "assignments"]
    assert all((ROOT / name).exists() for name in copied)
    sent = (ROOT / ".dockerignore").read_text().split()
    assert {f"!{name}" for name in copied} <= set(sent)


def test_the_image_has_the_torch_that_the_package_asks_for() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert re.findall(r'"(torch[^"]+)"', DOCKERFILE) == [one for one in wanted if one.startswith("torch")]


def test_the_service_has_no_network_and_a_read_only_root() -> None:
    service = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]["batch"]
    assert (service["network_mode"], service["read_only"]) == ("none", True)
    assert service["volumes"][0].endswith(":/submissions:ro")
    assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
