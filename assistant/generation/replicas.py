"""Several model servers behind one list of addresses: which one answers next, and which are left alone for a while."""

from typing import Protocol


class ServedAdapters(Protocol):
    """What is known about the adapters that model servers wear. Asked before every answer, so both methods are cheap."""

    @property
    def problem(self) -> str:
        """Why no replica is ready, in words for people: `the new adapter is being loaded, until about 03:40`."""
        ...

    def is_ready(self, url: str) -> bool:
        """Whether the replica at `url` (as in the settings, no slash at its end) is proven to serve what should answer.

        Called from any thread, while a lock is held: it reads memory and asks nobody.
        """
        ...

    async def name_at(self, url: str) -> str | None:
        """The served name to put in a request to `url`; `None` means the settings' own."""
        ...

    def ended(self, url: str, name: str | None) -> None:
        """The answer that `name_at` gave `name` for is over, however it ended: told once for each call, so that an old
        adapter is let go of only when nothing is written with it any more."""
        ...
