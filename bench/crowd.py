"""Fills a database in bulk with the history of many projects, and makes those who will read it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import uuid_utils

from bench.databases import Home
from stillframe.config import load_settings
from stillframe.flows.groups import create_group, set_member
from stillframe.flows.identity import create_token, local_caller
from stillframe.flows.projects import create_project
from stillframe.store.connect import SQLITE
from stillframe.store.frames import CHAIN_FRAMES
from stillframe.store.packing import pack
from stillframe.store.types import pack_id, to_millis
from stillframe.wiring import build_services

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
HOUR_MILLISECONDS = 3_600_000
SILENT_HOURS = 8_760
"""The silent project's history ends so long before everybody else's."""
METRICS = (
    "health_score",
    *(f"{name}.score" for name in ("health", "audit", "compliance", "release", "sca", "quality")),
    "sca.critical",
    "sca.high",
    "quality.coverage",
    "quality.duplication",
    "release.days",
)
_LAYOUT = 1_000_000
_WORDS_FROM = 1_000_001
_COLUMNS = {
    "texts": "key,text",
    "contents": "key,hash",
    "payloads": "content,chain,depth",
    "snapshots": "dashboard,sequence,id,parent,scope,scope_ref,project_name,timestamp,as_of,late,initiator,"
    "trigger_source,immutable,retention_class,content,view_spec_hash,capture_status,adopted,capture",
    "series": "dashboard,as_of,sequence,layout,packed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Tokens: of an administrator, of a reader of one project in a hundred, and of a viewer of three."""

    admin: str
    hundredth: str
    three: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """
    What the rows of a history point at.

    Shape   `dashboards`: number and the number of the project's name. `words`: numbers of interned texts. `silent`: the
            place of the dashboard that says nothing any more.
    """

    dashboards: Sequence[tuple[int, int]]
    words: dict[str, int]
    silent: int


def fill(home: Home, *, projects: int, hours: int, series: bool = False) -> Readers:
    """
    Make the database, its people and projects, and for each project a record an hour.

    Shape   With `series` twelve numbers of each record too. One of the projects that the viewer of three sees fell
            silent a year before the others end.
    """
    readers, names = _people(home, projects)
    load = _into_sqlite if home.is_sqlite else _into_postgres
    load(home, names, hours, series=series)
    return readers


def _tables(crowd: _Crowd, hours: int, *, is_sqlite: bool, series: bool) -> dict[str, Iterator[tuple[Any, ...]]]:
    count = len(crowd.dashboards) * hours
    tables: dict[str, Iterator[tuple[Any, ...]]] = {
        "texts": ((key, word) for word, key in crowd.words.items()),
        "contents": _contents(count),
        "payloads": _payloads(len(crowd.dashboards), hours),
        "snapshots": _snapshots(crowd, hours, is_sqlite=is_sqlite),
    }
    return tables | ({"series": _series(crowd, hours)} if series else {})


def _people(home: Home, projects: int) -> tuple[Readers, list[str]]:
    """Make groups, projects and readers as anybody would, and return the projects' names."""
    with closing(build_services(load_settings(home.config), create=True)) as services:
        admin = local_caller(services, "bench")
        few = max(1, projects // 100)
        tokens = {"admin": create_token(services, admin, user_name="root", role="admin").text}
        names = [f"project-{number}" for number in range(projects)]
        for group, theirs in {
            "hundredth": names[:few],
            "three": names[few : few + 3],
            "others": names[few + 3 :],
        }.items():
            create_group(services, admin, group_id=group)
            tokens[group] = create_token(services, admin, user_name=group, role="viewer").text
            set_member(services, admin, group_id=group, user_name=group, role="viewer")
            for name in theirs:
                create_project(services, admin, name=name, group_id=group)
    return Readers(admin=tokens["admin"], hundredth=tokens["hundredth"], three=tokens["three"]), names


def _crowd(names: Sequence[str], keys: dict[str, int]) -> _Crowd:
    words = ["project", "bench", "api", "standard", "ab" * 32, *names, *METRICS]
    numbers = {word: _WORDS_FROM + place for place, word in enumerate(words)}
    return _Crowd(
        dashboards=[(keys[f"project:{name}"], numbers[name]) for name in names],
        words=numbers | {",".join(str(numbers[name]) for name in METRICS): _LAYOUT},
        silent=max(1, len(names) // 100) + 2,
    )


def _time(crowd: _Crowd, hour: int, place: int) -> int:
    silent = SILENT_HOURS if place == crowd.silent else 0
    return to_millis(BEGIN) + (hour - silent) * HOUR_MILLISECONDS + place * 997 % HOUR_MILLISECONDS


def _contents(count: int) -> Iterator[tuple[int, bytes]]:
    chance = random.Random(1)
    return ((key, chance.randbytes(32)) for key in range(1, count + 1))


def _payloads(dashboards: int, hours: int) -> Iterator[tuple[int, int, int]]:
    """Yield payloads in chains as long as chains get; the frames themselves are left out, for no list reads them."""
    for hour in range(hours):
        begun = (hour - hour % CHAIN_FRAMES) * dashboards
        for place in range(1, dashboards + 1):
            yield hour * dashboards + place, begun + place, hour % CHAIN_FRAMES


def _snapshots(crowd: _Crowd, hours: int, *, is_sqlite: bool) -> Iterator[tuple[Any, ...]]:
    scope, by, source, kept, spec = (crowd.words[word] for word in ("project", "bench", "api", "standard", "ab" * 32))
    capture = '{"summary":{"rows":6,"milliseconds":3.1}}'
    content = 0
    for hour in range(hours):
        for place, (dashboard, name) in enumerate(crowd.dashboards):
            content += 1
            time = _time(crowd, hour, place)
            identity = str(uuid_utils.uuid7())
            stored = pack_id(identity) if is_sqlite else identity
            yield (
                *(dashboard, hour + 1, stored, hour or None, scope, name, name, time, time, 0, by),
                *(source, 0, kept, content, spec, 0, 1, capture),
            )


def _series(crowd: _Crowd, hours: int) -> Iterator[tuple[Any, ...]]:
    chance = random.Random(2)
    for hour in range(hours):
        for place, (dashboard, _) in enumerate(crowd.dashboards):
            numbers = [round(chance.uniform(40, 100), 2) for _ in METRICS]
            yield dashboard, _time(crowd, hour, place), hour + 1, _LAYOUT, pack(numbers)


def _heads(crowd: _Crowd, hours: int) -> list[tuple[int, int, int]]:
    return [(hours, _time(crowd, hours - 1, place), dashboard) for place, (dashboard, _) in enumerate(crowd.dashboards)]


_KEYS = "SELECT id,key FROM dashboards WHERE kind='health'"


def _into_sqlite(home: Home, names: Sequence[str], hours: int, *, series: bool) -> None:
    with closing(SQLITE.connect(home.target, isolation_level=None)) as database:
        crowd = _crowd(names, dict(database.execute(_KEYS).fetchall()))
        # What guards the evidence row by row would take most of the time.
        guards = database.execute("SELECT name,sql FROM sqlite_schema WHERE type='trigger'").fetchall()
        database.execute("PRAGMA synchronous=OFF")
        database.execute("BEGIN")
        for name, _ in guards:
            database.execute(f"DROP TRIGGER {name}")
        for table, rows in _tables(crowd, hours, is_sqlite=True, series=series).items():
            columns = _COLUMNS[table]
            marks = ",".join("?" * len(columns.split(",")))
            database.executemany(f"INSERT INTO {table}({columns}) VALUES({marks})", rows)
        database.executemany(
            "UPDATE heads SET last_sequence=?,last_timestamp=? WHERE dashboard=?", _heads(crowd, hours)
        )
        for _, guard in guards:
            database.execute(guard)
        database.execute("COMMIT")


def _into_postgres(home: Home, names: Sequence[str], hours: int, *, series: bool) -> None:
    with psycopg.connect(home.target, autocommit=True) as database, database.cursor() as cursor:
        crowd = _crowd(names, dict(cursor.execute(_KEYS).fetchall()))
        cursor.execute("SET session_replication_role=replica")
        for table, rows in _tables(crowd, hours, is_sqlite=False, series=series).items():
            with cursor.copy(f"COPY {table}({_COLUMNS[table]}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        cursor.executemany(
            "UPDATE heads SET last_sequence=%s,last_timestamp=%s WHERE dashboard=%s", _heads(crowd, hours)
        )
        cursor.execute("VACUUM ANALYZE")
