"""The route that Prometheus scrapes."""

from __future__ import annotations

from starlette.responses import Response

from stillframe.api.asked import Asked
from stillframe.api.door import Door
from stillframe.flows.exposition import MEDIA_TYPE, read_metrics

door = Door("Service")


@door.get("/metrics", answers=None, content={"text/plain": {"schema": {"type": "string"}}})
def metrics(asked: Asked) -> Response:
    """Read the metrics of this process and of its database."""
    return Response(read_metrics(asked.services, asked.caller), media_type=MEDIA_TYPE)
