"""Lists over many dashboards: the newest records first, whether there are thousands or a million of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, TextClause, bindparam, column, select, text

from stillframe.model.snapshot import SnapshotRecord
from stillframe.store.answers import Page
from stillframe.store.moments import Chosen, Moments, Place
from stillframe.store.records import RECORDS, from_rows
from stillframe.store.tables import DASHBOARDS, HEADS, SNAPSHOTS
from stillframe.store.texts import Texts
from stillframe.store.types import PackedId
from stillframe.store.work import Work, bad_cursor, bounded, page_of
