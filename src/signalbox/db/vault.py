"""How are secrets kept at rest? Sealed with a key that is not in the database.

Fernet (AES-128-CBC and HMAC-SHA256, https://github.com/fernet/spec) with a key derived by HKDF-SHA256 from the
setting SECRET_KEY. Several keys may be given, separated by commas: the first seals, all of them open, which is how
a key is changed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr
from sqlalchemy.orm import Session

from signalbox.errors import ConfigurationError

KEY_FILE = "secret.key"
_PURPOSE = b"signalbox sealed columns 1"
_SIGNING = "signalbox signatures 1: {purpose}"
_SHORTEST = 16  # characters
_WRONG_KEY = (
    "SIGNALBOX_SECRET_KEY is not the key that this installation's secrets were sealed with: "
    "set the old key, or both as NEW,OLD; without a setting the key is in the file {file}"
)


class Vault:
    """Seals and opens texts with this installation's keys."""

    def __init__(self, keys: list[str], file: Path) -> None:
        if min(map(len, keys)) < _SHORTEST:
            raise ConfigurationError(
                f"SIGNALBOX_SECRET_KEY is too short: {_SHORTEST} characters at least; "
                "`signalbox init` writes a good one"
            )
        self._file, self._keys = file, keys
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, _PURPOSE))) for key in keys])

    @classmethod
    def with_key(cls, setting: SecretStr | None, data: Path) -> Vault:
        """The vault of the key in the setting, else of the one in the data folder, made there when absent."""
        text = setting.get_secret_value() if setting else _key_in_file(data / KEY_FILE)
        keys = [key.strip() for key in text.split(",")]
        # a comma within a key of somebody's own making does not part it into useless pieces
        whole = min(map(len, keys)) < _SHORTEST
        return cls([text.strip()] if whole else keys, data / KEY_FILE)

    @classmethod
    def of(cls, session: Session) -> Vault:
        """The vault that belongs to a session's database."""
        vault = session.info["vault"]
        assert isinstance(vault, cls)
        return vault

    def seal(self, text: str) -> str:
        """Printable text that only `open` with the same key can read; differs each time."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """What was sealed. A wrong key is a ConfigurationError that says how to mend it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise ConfigurationError(_WRONG_KEY.format(file=self._file)) from None

    def signature(self, purpose: str, text: str) -> str:
        """HMAC-SHA256 of `text` in 64 hexadecimal digits. Signatures for one purpose are worth nothing for another."""
        return self.signatures(purpose, text)[0]

    def signatures(self, purpose: str, text: str) -> tuple[str, ...]:
        """What may stand under `text`: the signature with each key, so that changing the key breaks no older one."""
        info = _SIGNING.format(purpose=purpose).encode()
        return tuple(hmac.new(_derived(key, info), text.encode(), hashlib.sha256).hexdigest() for key in self._keys)


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(key.encode())


def _key_in_file(file: Path) -> str:
    """The key in that file, made when absent. Processes that start together agree on one."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _write_once(file, secrets.token_urlsafe(32) + "\n")
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the key file {file} cannot be used: {error}") from error


def _write_once(file: Path, text: str) -> None:
    """Make the file, readable by its owner only, whole from the first moment; leave one that is there."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was quicker; its key counts
    finally:
        draft.unlink()
