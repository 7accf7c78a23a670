"""The installation's key under a passphrase, so that a backup may carry it."""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from stillframe.errors import InvalidInput
from stillframe.notify.vault import KEY_BYTES

SHORTEST_PASSPHRASE: Final = 8
_VERSION: Final = b"\x01"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SCRYPT_N: Final = 2**17
_SCRYPT_R: Final = 8
_PURPOSE: Final = b"stillframe.wrapped-key/1\0"


def wrap_key(key: bytes, passphrase: bytes) -> bytes:
    """
    Return a key as only the passphrase opens it: a version byte, the salt, the nonce, the ciphertext with its tag.

    Errors  InvalidInput if the passphrase is shorter than 8 bytes.
    Source  RFC 7914 (scrypt, with 2^17 rounds and 128 MiB), NIST SP 800-38D (AES-256-GCM).
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InvalidInput(f"the passphrase is shorter than {SHORTEST_PASSPHRASE} bytes")
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derived(passphrase, salt)).encrypt(nonce, key, _PURPOSE)
    return _VERSION + salt + nonce + sealed


def unwrap_key(wrapped: bytes, passphrase: bytes) -> bytes:
    """
    Return the key that was wrapped.

    Errors  InvalidInput if the passphrase is another one, or the key was changed.
    """
    head = len(_VERSION) + _SALT_BYTES
    if len(wrapped) != head + _NONCE_BYTES + KEY_BYTES + _TAG_BYTES or wrapped[:1] != _VERSION:
        raise InvalidInput("the key in this backup is not in a form that this version reads")
    salt, nonce, sealed = wrapped[1:head], wrapped[head : head + _NONCE_BYTES], wrapped[head + _NONCE_BYTES :]
    try:
        return AESGCM(_derived(passphrase, salt)).decrypt(nonce, sealed, _PURPOSE)
    except InvalidTag:
        raise InvalidInput("the passphrase does not open the key in this backup") from None


def _derived(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=_SCRYPT_N, r=_SCRYPT_R, p=1).derive(passphrase)
