"""The systemd units load, run commands that exist, and keep the timer inside its slot."""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = ("stillframe.service", "stillframe-autosnapshot.service", "stillframe-autosnapshot.timer")
SLOT_SECONDS = 3600
PROGRAM = "/opt/stillframe/bin/stillframe"


def read_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # because systemd's keys have capitals
    unit.read(path, encoding="utf8")
    return unit


@pytest.mark.needs("systemd-analyze")
def test_systemd_accepts_every_unit(tmp_path: Path, repository: Path) -> None:
    """A unit that systemd refuses, or reads with a warning, never gets to anybody's server."""
    for name in UNITS:
        text = (repository / "deploy" / "systemd" / name).read_text(encoding="utf8")
        (tmp_path / name).write_text(text.replace(PROGRAM, sys.executable), encoding="utf8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "stillframe" in line]
    assert (done.returncode, complaints) == (0, [])


@pytest.mark.parametrize("name", ["stillframe.service", "stillframe-autosnapshot.service"])
def test_a_service_gives_up_what_it_does_not_need(repository: Path, name: str) -> None:
    """Both processes need their own folder and the network, and nothing else of the machine."""
    service = read_unit(repository / "deploy" / "systemd" / name)["Service"]
    assert service["ExecStart"].startswith(PROGRAM + " ")
    assert service["User"] == "stillframe"
    assert service["StateDirectory"] == "stillframe"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["ProtectHome"] == "yes"


def test_the_timer_fires_early_enough_in_every_hour(repository: Path) -> None:
    """A capture asked for at 10:00 belongs to the slot of 10, however much the start is spread."""
    timer = read_unit(repository / "deploy" / "systemd" / "stillframe-autosnapshot.timer")["Timer"]
    assert timer["OnCalendar"] == "hourly"
    assert timer["Persistent"] == "true"
    spread = int(timer["RandomizedDelaySec"].removesuffix("s")) + int(timer["AccuracySec"].removesuffix("s"))
    assert spread < SLOT_SECONDS // 10
