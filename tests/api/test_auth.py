"""A token proves who asks; those that are not valid are counted by address, those that are always pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillframe.api.auth import FailureBound
from stillframe.errors import TooManyRequests
from tests.api.cast import House, open_house


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "sf_x", "Bearer  ", "Bearer " + "x" * 600])
def test_what_is_no_bearer_token_is_none(house: House, header: str) -> None:
    """Another scheme, or none: 401 with the scheme that is expected."""
    answer = house.client.get("/api/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="stillframe"'


def test_the_scheme_is_read_in_any_case(house: House) -> None:
    """RFC 9110, section 11.1: the scheme's case means nothing."""
    answer = house.client.get("/api/me", headers={"Authorization": f"bEaReR {house.tokens['alice']}"})
    assert answer.json()["name"] == "alice"


def test_one_byte_decides(house: House) -> None:
    """A token is right or it is not."""
    token = house.tokens["alice"]
    changed = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert house.client.get("/api/me", headers={"Authorization": f"Bearer {changed}"}).status_code == 401


def test_too_many_failures_are_told_when_to_come_back(tmp_path: Path) -> None:
    """Guessing is slowed down by address; who has a valid token is never in the way of somebody who guesses."""
    with open_house(tmp_path, failures_per_minute=3) as house:
        guess = {"Authorization": "Bearer sf_guess"}
        statuses = [house.client.get("/api/me", headers=guess).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        refused = house.client.get("/api/me", headers=guess)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.json()["error_code"] == "too_many_requests"
        assert house.ask("alice", "GET", "/api/me").status_code == 200


def test_each_address_has_its_own_bound() -> None:
    """One guesser does not lock out the rest."""
    bound = FailureBound(per_minute=1)
    bound.count("192.0.2.1")
    with pytest.raises(TooManyRequests):
        bound.count("192.0.2.1")
    bound.count("192.0.2.2")
