"""The rival of the snapshot benchmark: a FastAPI route that validates the same body and commits one row, and nothing
else."""

from __future__ import annotations

import os
import threading
import time
from typing import Annotated, Any

from fastapi import Body, FastAPI, Response
from pydantic import BaseModel, ConfigDict
from pysqlite3 import dbapi2 as sqlite3
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, create_engine, event, insert

Cell = str | int | float | bool | None


class Push(BaseModel):
    """The same body that the snapshot route takes."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = None
    source_ref: str | None = None
    data: dict[str, list[dict[str, Cell]] | float]


engine = create_engine(
    f"sqlite:///{os.environ['BENCH_BARE_DB']}", module=sqlite3, connect_args={"check_same_thread": False}
)
metadata = MetaData()
rows = Table("rows", metadata, Column("id", Integer, primary_key=True), Column("body", LargeBinary))
lock = threading.Lock()
app = FastAPI()


@event.listens_for(engine, "connect")
def _pragmas(connection: Any, _record: Any) -> None:  # noqa: ANN401  # because drivers' connections have no common type
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


metadata.create_all(engine)


@app.post("/push", status_code=201)
def push(body: Annotated[Push, Body()]) -> Response:
    """Validate, commit one row, answer."""
    with lock, engine.begin() as connection:
        connection.execute(insert(rows), {"body": body.model_dump_json().encode()})
    return Response(b'{"ok":true}', status_code=201, media_type="application/json", headers={"x-at": str(time.time())})
