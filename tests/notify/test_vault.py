"""Tests of the secrets at rest and of the key that seals them."""

from __future__ import annotations

import base64
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillframe.errors import ConfigurationError, StoreError
from stillframe.notify.vault import Vault, key_from_text, load_key, load_or_create_key, new_secret

KEY = bytes(range(32))
VAULT = Vault(KEY)


@given(st.text(), st.text())
def test_what_was_sealed_for_a_row_opens_for_that_row(text: str, row_id: str) -> None:
    """Sealing loses nothing."""
    assert VAULT.open(VAULT.seal(text, row_id=row_id), row_id=row_id) == text


@given(st.text(), st.text(max_size=20), st.text(max_size=20))
def test_what_was_sealed_for_another_row_does_not_open(text: str, row_id: str, other: str) -> None:
    """Whoever can write to the database cannot make one receiver's secret another's."""
    blob = VAULT.seal(text, row_id=row_id)
    if row_id != other:
        with pytest.raises(ConfigurationError):
            VAULT.open(blob, row_id=other)


@given(st.text(max_size=40), st.data())
def test_no_changed_bit_opens(text: str, data: st.DataObject) -> None:
    """A sealed text is whole or it is an error."""
    blob = bytearray(VAULT.seal(text, row_id="row-1"))
    place = data.draw(st.integers(min_value=0, max_value=len(blob) * 8 - 1))
    blob[place // 8] ^= 1 << place % 8
    with pytest.raises((ConfigurationError, StoreError)):
        VAULT.open(bytes(blob), row_id="row-1")


@given(st.binary(max_size=80))
def test_what_was_never_sealed_is_an_error_of_ours(blob: bytes) -> None:
    """Garbage in the row is told as such, never as an error of the cipher's."""
    with pytest.raises((ConfigurationError, StoreError)):
        VAULT.open(blob, row_id="row-1")


def test_another_key_does_not_open_and_says_what_to_do() -> None:
    """A database restored beside the wrong key is a matter of configuration."""
    with pytest.raises(ConfigurationError, match="secret_key_file"):
        Vault(bytes(32)).open(VAULT.seal("whsec", row_id="row-1"), row_id="row-1")


def test_the_same_text_is_sealed_differently_each_time() -> None:
    """Equal secrets cannot be seen to be equal, and no nonce is used twice."""
    assert len({VAULT.seal("same", row_id="row-1") for _ in range(200)}) == 200


def test_the_sealed_form_begins_with_its_version_and_hides_the_text() -> None:
    """A later version can tell what it reads."""
    blob = VAULT.seal("a very plain text", row_id="row-1")
    assert blob[0] == 1
    assert b"plain" not in blob


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_key_of_another_size_is_refused(size: int) -> None:
    """AES-256 and nothing less."""
    with pytest.raises(ConfigurationError, match=str(size)):
        Vault(bytes(size))


def test_a_new_secret_is_what_standard_webhooks_asks_for() -> None:
    """`whsec_` and base64 of 32 bytes, never the same twice."""
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) for secret in secrets} == {32}


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_read_from_either_base64_alphabet(key: bytes) -> None:
    """A key from the environment may be made by any tool, and end in a line feed."""
    assert key_from_text(base64.b64encode(key).decode() + "\n") == key
    assert key_from_text(base64.urlsafe_b64encode(key).decode()) == key


@pytest.mark.parametrize("text", ["", "hush-hush", "é" * 44, base64.b64encode(bytes(31)).decode(), "*" * 44])
def test_a_text_that_is_no_key_is_refused_without_showing_it(text: str) -> None:
    """The message says what a key is and where this one stood."""
    with pytest.raises(ConfigurationError, match=r"STILLFRAME_KEY.*base64 of 32") as caught:
        key_from_text(text, where="STILLFRAME_KEY")
    assert not text or text not in str(caught.value)


def test_the_key_is_made_on_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    """Mode 0600 whatever the umask, the same key ever after, and no draft left behind."""
    path = tmp_path / "new" / "secret.key"
    before = os.umask(0)
    try:
        key = load_or_create_key(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create_key(path) == load_key(path) == key
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    """One of them makes it, and all of them use that one."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        keys = pool.map(load_or_create_key, [tmp_path / f"{number // 8}.key" for number in range(80)], chunksize=1)
    assert all(len(set(keys[start : start + 8])) == 1 for start in range(0, 80, 8))


def test_a_key_that_lost_the_race_is_not_used(tmp_path: Path) -> None:
    """A key that is there is never written over."""
    path = tmp_path / "secret.key"
    path.write_text(base64.b64encode(KEY).decode())
    assert load_or_create_key(path) == KEY


def test_a_key_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    """A wrong file is told apart from a wrong key, by its path."""
    path = tmp_path / "secret.key"
    for content in (b"", b"\xff\xfe", b"too short"):
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"secret\.key"):
            load_or_create_key(path)


def test_a_key_file_that_cannot_be_read_or_made_is_named(tmp_path: Path) -> None:
    """A folder in its place, a missing file, or a file where its folder should be."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_or_create_key(tmp_path / "folder")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_key(tmp_path / "missing")
    with pytest.raises(ConfigurationError, match="cannot be made"):
        load_or_create_key(tmp_path / "file" / "secret.key")
