"""Secrets at rest: the installation's key, the vault that seals with it, and new signing secrets."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stillframe.errors import ConfigurationError, StoreError

KEY_BYTES: Final = 32
SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # because this is the public prefix of Standard Webhooks, no secret
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_PURPOSE: Final = b"stillframe.vault/1\0"
_PRIVATE_MODE: Final = 0o600


class Vault:
    """
    Seals texts for one row each, so that a sealed text moved to another row does not open.

    AES-256-GCM with a random nonce of 96 bits: one key may seal 2^32 texts (NIST SP 800-38D section 8.3), far more than
    an installation has webhooks. A sealed text is a version byte, the nonce, then the ciphertext with its tag.
    """

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ConfigurationError(f"the secret key has {len(key)} bytes; it needs {KEY_BYTES}")
        self._cipher = AESGCM(hmac.new(key, _PURPOSE, hashlib.sha256).digest())

    def seal(self, text: str, *, row_id: str) -> bytes:
        """Return the text as only this key and this row can open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), _PURPOSE + row_id.encode())

    def open(self, blob: bytes, *, row_id: str) -> str:
        """
        Return the text that was sealed for this row.

        Errors  ConfigurationError if the key is not the one that sealed it (or somebody changed the row); StoreError if
                what is stored was never a sealed text.
        """
        if len(blob) < 1 + _NONCE_BYTES + _TAG_BYTES or blob[:1] != _VERSION:
            raise StoreError("a stored secret is damaged: it is not in the form that this version writes")
        nonce, sealed = blob[1 : 1 + _NONCE_BYTES], blob[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, _PURPOSE + row_id.encode()).decode()
        except InvalidTag:
            raise ConfigurationError(
                "the secret key does not open the secrets in this database; give the key that was in use when they "
                "were stored (secret_key_file)"
            ) from None


def new_secret() -> str:
    """
    Return a new signing secret, to be shown once.

    Source  Standard Webhooks: `whsec_` and base64 of 24 to 64 random bytes.
    """
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def key_from_text(text: str, *, where: str = "the secret key") -> bytes:
    """
    Return the key that a text holds: base64 (either alphabet) of 32 bytes.

    Errors  ConfigurationError naming `where` the text stood; never the text.
    """
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigurationError(f"{where} is not base64; it must be base64 of {KEY_BYTES} random bytes") from None
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{where} holds {len(key)} bytes; it must be base64 of {KEY_BYTES} random bytes")
    return key


def load_key(path: Path) -> bytes:
    """
    Return the key that a file holds.

    Errors  ConfigurationError if the file is missing, cannot be read, or is no key.
    """
    try:
        text = path.read_text("ascii")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not a secret key; it must be base64 of {KEY_BYTES} random bytes") from None
    except OSError as error:
        raise ConfigurationError(f"the secret key cannot be read: {path}: {error.strerror}") from error
    return key_from_text(text, where=str(path))


def load_or_create_key(path: Path) -> bytes:
    """
    Return the key of this installation, made on first use and readable by its owner alone.

    The key is written whole under another name and then linked into place, which fails if the name is taken: of two
    processes that start at once one makes the key, both use it, and neither can read half of it.

    Errors  ConfigurationError if the file cannot be read or written, or is no key.
    """
    if not path.exists():
        _create_key(path)
    return load_key(path)


def put_key(path: Path, key: bytes) -> Path | None:
    """
    Make a key the one of this installation; another one that is there is kept beside it, and where is returned.

    Errors  ConfigurationError if the file cannot be written.
    """
    kept: Path | None = None
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            kept = path.with_name(f"{path.name}.before-restore-{secrets.token_hex(4)}")
            os.link(path, kept)
        _write_private(draft, base64.b64encode(key) + b"\n")
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigurationError(f"the secret key cannot be written: {path}: {error.strerror}") from error
    return kept


def _create_key(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_private(draft, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        try:
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigurationError(f"the secret key cannot be made: {path}: {error.strerror}") from error


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
