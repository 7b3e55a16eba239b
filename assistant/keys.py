"""The installation's key: one random file, made on first start, from which every other secret is derived.

Losing the file means losing the data; whoever has the file and the data reads both. It holds 32 random bytes; HKDF
gives each use its own key, so that a pseudonym never tells anything about the encryption.
"""

import hashlib
import hmac
import logging
import os
import secrets
import stat
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from assistant.durable import flush
from assistant.errors import WrongKey

log = logging.getLogger(__name__)

KEY_FILE = "curbside.key"
DATABASE_FILE = "curbside.db"
_HEADER = "curbside key 1"
_NONCE_BYTES = 12
_VERSION = b"\x01"
"""First byte of every encrypted value: 1 is AES-256-GCM with a random 96-bit nonce. Another key or cipher gets
another number, so that old rows stay readable while they are rewritten."""


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The keys of one installation. No key is ever shown in `repr`."""

    path: Path
    encryption: bytes = field(repr=False)
    """32 bytes, for text columns."""
    pseudonym: bytes = field(repr=False)
    """32 bytes, for pseudonyms of patients and their shifted calendars."""
    content: bytes = field(repr=False)
    """32 bytes, for hashes of texts: without it nobody can test whether a known text is stored."""
    split: bytes = field(repr=False)
    """32 bytes, for which patients train and which judge: nobody can pick reports that will be judged on."""
    fingerprint: str
    """16 hex digits that tell keys apart and reveal nothing about them."""

    @cached_property
    def cipher(self) -> "TextCipher":
        """Encrypts and decrypts text columns."""
        return TextCipher(self)

    def content_hash(self, *parts: str) -> str:
        """64 hex digits; each part's length goes in, so that no two lists of parts look alike."""
        digest = hmac.new(self.content, digestmod=hashlib.sha256)
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big"))
            digest.update(data)
        return digest.hexdigest()


class TextCipher:
    """AES-256-GCM over one text.

    Chosen over Fernet: authenticated like it, about ten times faster on long texts with AES instructions, and 29 bytes
    longer than the text instead of a third. Random nonces are safe for 2^32 values under a key (NIST SP 800-38D, 8.3).
    """

    def __init__(self, keys: Keys) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._aes = AESGCM(keys.encryption)
        self._path = keys.path

    def encrypt(self, text: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        # A lone surrogate (from a broken JSON escape) must not stop a report from being kept.
        return _VERSION + nonce + self._aes.encrypt(nonce, text.encode("utf-8", "surrogatepass"), _VERSION)

    def decrypt(self, value: bytes) -> str:
        """Raises `WrongKey` if the value was written with another key, or changed since."""
        from cryptography.exceptions import InvalidTag

        start = len(_VERSION) + _NONCE_BYTES
        if not value.startswith(_VERSION) or len(value) < start:
            raise WrongKey(path=str(self._path))
        try:
            return self._aes.decrypt(value[1:start], value[start:], _VERSION).decode("utf-8", "surrogatepass")
        except InvalidTag:
            raise WrongKey(path=str(self._path)) from None


def load_key(data_dir: Path) -> Keys:
    """The keys of the installation in `data_dir`; on its first start, new ones.

    The folder is made with mode 0700, the file with 0600. Two processes starting at once get the same key.

    Raises:
        WrongKey: The file is damaged, or it is missing although there is a database that was made with it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data_dir / KEY_FILE
    # Looked up before the key, which is made before the database: a process starting beside us cannot mislead us.
    has_data = (data_dir / DATABASE_FILE).exists()
    try:
        text = path.read_text("ascii")
    except FileNotFoundError:
        if has_data:
            raise WrongKey(path=str(path)) from None
        _create(path)
        text = path.read_text("ascii")
    except UnicodeDecodeError:
        raise WrongKey(path=str(path)) from None
    for problem in loosened_permissions(data_dir):
        log.warning("%s", problem)
    return _derive(_parse(text, path), path)


def plant_key(data_dir: Path, master: bytes) -> None:
    """Let a new installation begin with 32 given bytes: only for invented data, where every run must split alike.

    Raises:
        FileExistsError: There is a key, and perhaps data that was made with it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (data_dir / KEY_FILE).exists():
        raise FileExistsError(data_dir / KEY_FILE)
    _create(data_dir / KEY_FILE, master)


def loosened_permissions(data_dir: Path) -> tuple[str, ...]:
    """What others on this computer may do with the key and the data, as sentences with their cure."""
    problems = []
    for path, mode in ((data_dir, 0o700), (data_dir / KEY_FILE, 0o600)):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            problems.append(f"{path} can be opened by other users; run `chmod {mode:o} {path}`")
    return tuple(problems)


def _create(path: Path, master: bytes | None = None) -> None:
    """Write a new key file completely, then give it its name: whoever is second finds the first one's."""
    temporary = path.with_name(f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{_HEADER}\n{(master or secrets.token_bytes(32)).hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
    flush(path.parent)


def _parse(text: str, path: Path) -> bytes:
    header, _, rest = text.partition("\n")
    try:
        master = bytes.fromhex(rest.strip())
    except ValueError:
        master = b""
    if header != _HEADER or len(master) != 32:
        raise WrongKey(path=str(path))
    return master


def _derive(master: bytes, path: Path) -> Keys:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def derive(use: str, length: int = 32) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"curbside/{use}/1".encode()).derive(master)

    return Keys(
        path=path,
        encryption=derive("encryption"),
        pseudonym=derive("pseudonym"),
        content=derive("content"),
        split=derive("split"),
        fingerprint=derive("fingerprint", 8).hex(),
    )
