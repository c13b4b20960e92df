"""Passwords as salted hashes, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

from pydantic import BaseModel, ConfigDict, Field

from masklab.errors import AccessError

SHORTEST, LONGEST = 8, 200
_SALT = 16
# RFC 7914; 32 MB and about a tenth of a second for each guess.
_N, _R, _P = 2**15, 8, 1


class Hashed(BaseModel):
    """A password that can be checked, and not be read: scrypt's salt and result in hexadecimal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    salt: str = Field(pattern="^[0-9a-f]{32,64}$")
    digest: str = Field(pattern="^[0-9a-f]{64}$")

    def fits(self, password: str) -> bool:
        """Whether this is the password; takes as long either way. One that is too long never is."""
        known = len(password) <= LONGEST
        found = _scrypt(password if known else "", bytes.fromhex(self.salt))
        return hmac.compare_digest(found, bytes.fromhex(self.digest)) and known


def hashed(password: str, salt: bytes | None = None) -> Hashed:
    """Return a password's hash, under a new salt if none is given.

    Raises `AccessError` if it has fewer than 8 or more than 200 characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccessError(
            f"The password has {len(password)} characters; it should have "
            f"{SHORTEST} to {LONGEST}. Choose another."
        )
    salt = secrets.token_bytes(_SALT) if salt is None else salt
    return Hashed(salt=salt.hex(), digest=_scrypt(password, salt).hex())


def random_token() -> str:
    """Return a password that nobody can guess, safe in an address."""
    return secrets.token_urlsafe(24)


def _scrypt(password: str, salt: bytes) -> bytes:
    # The same letters come composed from one keyboard and decomposed from another.
    plain = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(plain, salt=salt, n=_N, r=_R, p=_P, maxmem=2**26, dklen=32)
