"""The Alertmanager channel: a letter's alerts, posted to Prometheus Alertmanager, which tells and silences them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp
from yarl import URL

from stillframe.errors import ConfigurationError
from stillframe.model.delivery import Failed, Letter, Result
from stillframe.model.times import time_text
from stillframe.notify.posting import KEEPALIVE_SECONDS, Body, drain, failed, judged

TIMEOUT_SECONDS: Final = 10.0
PATH: Final = "api/v2/alerts"
_FOUND_BY: Final = ("subscription", "cause")
_LISTED_BYTES: Final = 1024 * 1024
_OK: Final = 200
_WRITER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alert:
    """One alert of a document, as `stillframe.report.channel_alerts` wrote it."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: str
    ended: bool
    lasts_seconds: int
    url: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> _Alert:
        return cls(**{name: document[name] for name in cls.__slots__})

    def as_dict(self, now: datetime) -> dict[str, Any]:
        """Return what is posted."""
        ends_at = time_text(now if self.ended else now + timedelta(seconds=self.lasts_seconds))
        alert = {
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            # Clocks of two machines differ, and an alert that ends before it begins is refused.
            "startsAt": min(self.starts_at, ends_at),
            "endsAt": ends_at,
        }
        return alert | {"generatorURL": self.url} if self.url else alert


class AlertmanagerChannel:
    """
    Posts the alerts of a channel's documents.

    When an alert ends is counted from the moment of sending: one that was tried for hours is news all the same, and
    Alertmanager tells nobody of an alert that is over before it came.

    Shape   `url`: where Alertmanager is, with its path prefix if it has one; a user and a password in it are sent as
            Basic authentication. It is the operator's word, so its address is not checked. `headers`: sent with every
            request.
    Errors  ConfigurationError, which never holds the URL.
    Source  https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, `postAlerts`.
    """

    def __init__(
        self,
        *,
        name: str,
        url: str,
        clock: Callable[[], datetime],
        version: str,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        found = _parsed(name, url)
        self._target = found.with_user(None).with_query(None).with_fragment(None) / PATH
        # The answer that is read here is read as it came.
        ours = {"User-Agent": f"Stillframe/{version}", "Accept-Encoding": "identity"}
        self._headers = {**ours, **_signed_in(found), **(headers or {})}
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def send(self, letter: Letter) -> Result:
        """Post the letter's alerts once, and return how that ended."""
        now = self._clock()
        try:
            asked = [_Alert.of(found) for found in json.loads(letter.body)["alerts"]]
        except (ValueError, KeyError, TypeError):
            return Failed(detail="the letter is no document of a channel", permanent=True)
        if self._session is None:
            self._session = self._open_session()
        body = Body(b"", content_type="application/json")
        try:
            alerts = [alert.as_dict(now) for found in asked for alert in await self._standing(self._session, found)]
            body = Body(_WRITER.encode(alerts).encode("utf8", "replace"), content_type="application/json")
            async with self._session.post(self._target, data=body, allow_redirects=False) as response:
                await drain(response)
                return judged(response, now=now)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return failed(error, body=body, timeout_seconds=self._timeout_seconds)

    async def _standing(self, session: aiohttp.ClientSession, alert: _Alert) -> list[_Alert]:
        """
        Return an alert that begins as it is, and of one that is over those that stand, whatever their severity.

        Alertmanager knows an alert by all of its labels, and a subscription's importance may have changed since.
        """
        if not alert.ended:
            return [alert]
        wanted = [("filter", f"{name}={json.dumps(alert.labels[name])}") for name in _FOUND_BY if name in alert.labels]
        async with session.get(self._target.with_query(wanted), allow_redirects=False) as response:
            found = _listed(await _begun(response, most=_LISTED_BYTES)) if response.status == _OK else []
        same = [labels for labels in found if _apart_from_severity(labels) == _apart_from_severity(alert.labels)]
        return [replace(alert, labels=labels) for labels in same] or [alert]

    async def close(self) -> None:
        """Close the connections that were kept for later."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers=self._headers,
        )


async def _begun(response: aiohttp.ClientResponse, *, most: int) -> bytes:
    """Return an answer's body, which comes in as many pieces as its sender likes; no more than `most` of it."""
    found = bytearray()
    async for piece in response.content.iter_any():
        found += piece
        if len(found) >= most:
            break
    return bytes(found[:most])


def _listed(body: bytes) -> list[dict[str, str]]:
    """
    Return the labels of the alerts in an answer.

    Errors  ValueError for an answer that is no list of alerts.
    """
    try:
        return [dict(one["labels"]) for one in json.loads(body)]
    except (KeyError, TypeError, RecursionError):
        raise ValueError("this is no list of alerts") from None


def _signed_in(url: URL) -> dict[str, str]:
    if url.user is None:
        return {}
    return {"Authorization": aiohttp.encode_basic_auth(url.user, url.password or "", "utf8")}


def _apart_from_severity(labels: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if name != "severity"}


def _parsed(name: str, url: str) -> URL:
    try:
        found = URL(url)
        if found.scheme in ("http", "https") and found.host:
            return found
    except ValueError:
        pass
    raise ConfigurationError(f"channels.{name}.url: the http(s):// address of a Prometheus Alertmanager is expected")
