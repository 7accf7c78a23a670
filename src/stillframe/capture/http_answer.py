"""One request to an HTTP server that the operator named, and what it answered."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import aiohttp
from yarl import URL

from stillframe.capture.deadline import Deadline
from stillframe.capture.interface import Connection
from stillframe.errors import CaptureRefused, Fault, SourceFailed

LARGEST_ANSWER_BYTES = 16 * 1024 * 1024
_PATH = "$.path"
_MOST_DECODINGS = 4
_CHUNK_BYTES = 65_536
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The status and the body of an answer."""

    status: int
    body: bytes


def ask(connection: Connection, path: str, *, deadline: Deadline, form: Mapping[str, str] | None = None) -> Answer:
    """
    GET a path under the root of a connection, or POST a form to it, and return the answer whatever its status.

    The operator's word stands for the address: no address check, no proxy from the environment, no redirect followed.

    Errors  CaptureRefused at `$.path` for a path that leaves the root; SourceFailed when there is no answer in time,
            it redirects, or it is too large. Neither says the URL, which may hold a credential.
    """
    url = url_under(connection, path)
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(_asked(url, headers=_headers(connection), deadline=deadline, form=form))
    except TimeoutError:
        raise deadline.failure() from None
    except aiohttp.ClientConnectorCertificateError:
        raise SourceFailed("the certificate of the server is not trusted") from None
    except aiohttp.ClientConnectorDNSError:
        raise SourceFailed("the name of the server is not known") from None
    except aiohttp.ClientConnectorError as error:
        raise SourceFailed(f"the server is not reachable: {error.os_error.strerror or 'no connection'}") from None
    except (aiohttp.ClientError, ValueError) as error:
        raise SourceFailed(f"the server did not answer as HTTP asks ({type(error).__name__})") from None
    finally:
        # Not asyncio.run: it would wait for a name server that hangs.
        loop.close()


def url_under(connection: Connection, path: str) -> URL:
    """
    Return the URL of a path under a connection's root; a query may follow the path.

    Errors  CaptureRefused at `$.path` for `..` and the like in any spelling; SourceFailed for a root that is no URL.
    """
    root = _root(connection)
    path, mark, query = path.partition("?")
    if "#" in path or "#" in query:
        raise _refused("a fragment (`#`) never reaches a server; leave it out")
    segments = path.removeprefix("/").split("/")
    for segment in segments[:-1] if segments[-1] == "" else segments:
        _refuse_odd(segment)
    if path.strip("/") == "":
        joined = root
    else:
        below = URL("/" + path.removeprefix("/"))
        joined = root.with_path(f"{root.raw_path.rstrip('/')}{below.raw_path}", encoded=True)
    return joined.with_query(root.query).extend_query(URL(f"?{query}").query) if mark else joined.with_query(root.query)


def _root(connection: Connection) -> URL:
    try:
        root = URL(connection.url)
        if root.scheme in {"http", "https"} and root.host:
            return root.with_fragment(None)
    except ValueError:
        pass
    raise SourceFailed(f"the connection {connection.name!r} is no HTTP root; write https://HOST/PATH") from None


def _refuse_odd(segment: str) -> None:
    for _ in range(_MOST_DECODINGS):
        if segment in {"", ".", ".."}:
            raise _refused("a path never climbs (`..`) and has no empty step (`//`)")
        if "/" in segment or "\\" in segment or not segment.isprintable():
            raise _refused("a step of a path holds no slash, backslash or control character, in no spelling")
        plain = unquote(segment)
        if plain == segment:
            return
        segment = plain
    raise _refused("this is escaped too many times")


def _headers(connection: Connection) -> dict[str, str]:
    root = URL(connection.url)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "stillframe"}
    if root.user is not None or root.password is not None:
        word = b64encode(f"{root.user or ''}:{root.password or ''}".encode()).decode()
        headers["Authorization"] = f"Basic {word}"
    stated = {name.title(): value for name, value in connection.headers.items()}
    return {**headers, **stated}


async def _asked(url: URL, *, headers: Mapping[str, str], deadline: Deadline, form: Mapping[str, str] | None) -> Answer:
    timeout = aiohttp.ClientTimeout(total=max(deadline.left_seconds, 0.001))
    async with (
        aiohttp.ClientSession(
            timeout=timeout, trust_env=False, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session,
        session.request(
            "GET" if form is None else "POST",
            url.with_user(None),
            headers=headers,
            data=form,
            allow_redirects=False,
        ) as response,
    ):
        if response.status in _REDIRECTS:
            raise SourceFailed(f"the server answered {response.status}, and redirects are not followed")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise SourceFailed("the server packed its answer although it was asked not to")
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            if len(body) > LARGEST_ANSWER_BYTES:
                raise SourceFailed(f"the answer is larger than {LARGEST_ANSWER_BYTES >> 20} MiB")
        return Answer(status=response.status, body=bytes(body))


def _refused(message: str) -> CaptureRefused:
    return CaptureRefused(faults=[Fault(path=_PATH, message=message)])
