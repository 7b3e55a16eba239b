"""Who may come in: names, password hashes and API tokens in one small file.

A practice has a handful of people, so a file that is replaced atomically is enough, and it keeps sign-in independent
of the database. Passwords are hashed with Argon2id; tokens are random, long and stored as SHA-256 only.
"""

import hashlib
import json
import os
import re
import secrets
import tempfile
import threading
import time
from pathlib import Path

from assistant.errors import CurbsideError

FIRST_NAME = "doctor"
MIN_PASSWORD_CHARS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_MAX_FAILURES = 8
_FAILURE_WINDOW_S = 300.0


class AccountError(CurbsideError):
    """A name or password that cannot be used, with the rule it breaks."""

    exit_code = 2
    http_status = 422


class Accounts:
    """The people of one installation. Safe between threads; the last of two processes that write at once wins."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "accounts.json"
        self._lock = threading.Lock()
        self._failures: dict[str, list[float]] = {}

    def names(self) -> list[str]:
        return sorted(self._load())

    def create_first(self) -> str | None:
        """Make the first account and return its password, or `None` if somebody has an account already."""
        if self._load():
            return None
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        self.set_password(FIRST_NAME, password)
        return password

    def set_password(self, name: str, password: str) -> None:
        """Create `name` or change their password.

        Raises:
            AccountError: for a name or a password that breaks a rule.
        """
        from argon2 import PasswordHasher

        if not _NAME.fullmatch(name):
            raise AccountError(
                f"the name {name!r} cannot be used; take 1 to 63 letters, digits, dots, dashes or underscores"
            )
        if len(password) < MIN_PASSWORD_CHARS:
            raise AccountError(f"the password has {len(password)} characters; take at least {MIN_PASSWORD_CHARS}")
        with self._lock:
            accounts = self._load()
            accounts.setdefault(name, {})["password"] = PasswordHasher().hash(password)
            self._save(accounts)

    def check_password(self, name: str, password: str) -> bool:
        """Whether the password is right. After eight failures a name is locked for five minutes."""
        from argon2 import PasswordHasher
        from argon2.exceptions import Argon2Error, InvalidHashError

        if self._locked(name):
            return False
        stored = self._load().get(name, {}).get("password")
        # An unknown name costs as much time as a wrong password, so that names cannot be guessed by the clock.
        try:
            PasswordHasher().verify(stored or _unknown_hash(), password)
        except (Argon2Error, InvalidHashError):
            self._failures.setdefault(name, []).append(time.monotonic())
            return False
        self._failures.pop(name, None)
        return stored is not None

    def new_token(self, name: str) -> str:
        """A new API token for `name`; the one before stops working. Shown once, never stored.

        Raises:
            AccountError: if there is no such person.
        """
        with self._lock:
            accounts = self._load()
            if name not in accounts:
                raise AccountError(
                    f"there is nobody called {name!r}; the names are {', '.join(sorted(accounts)) or 'none yet'}"
                )
            token = "cb-" + secrets.token_urlsafe(32)
            accounts[name]["token"] = _digest(token)
            self._save(accounts)
        return token

    def owner_of(self, token: str) -> str | None:
        """The name a token belongs to, or `None`."""
        digest = _digest(token)
        for name, account in self._load().items():
            if secrets.compare_digest(account.get("token", ""), digest):
                return name
        return None

    def _locked(self, name: str) -> bool:
        now = time.monotonic()
        recent = [at for at in self._failures.get(name, []) if now - at < _FAILURE_WINDOW_S]
        if len(self._failures) > 10_000:  # somebody is trying names
            self._failures.clear()
        if recent:
            self._failures[name] = recent
        return len(recent) >= _MAX_FAILURES

    def _load(self) -> dict[str, dict[str, str]]:
        try:
            return json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise AccountError(
                f"{self._path} is damaged; restore it, or delete it to start with a new first password"
            ) from error

    def _save(self, accounts: dict[str, dict[str, str]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".accounts-")  # mode 0600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(accounts, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, self._path)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _unknown_hash() -> str:
    from argon2 import PasswordHasher

    global _UNKNOWN
    if _UNKNOWN is None:
        _UNKNOWN = PasswordHasher().hash(secrets.token_hex(16))
    return _UNKNOWN


_UNKNOWN: str | None = None
