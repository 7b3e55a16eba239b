"""Every error of feedback that is not one of the store's (`assistant.errors`), and what to do about it."""

from assistant.errors import InputError, StorageError


class SaidNotFound(StorageError):
    """A key of `feedback.items` that names nothing."""

    http_status = 404

    def __init__(self, *, key: str) -> None:
        super().__init__(f"nothing is kept under {key!r}; it may have been deleted; look again in the Review tab")
        self.key = key


class NotTheAuthor(InputError):
    """Only whoever said something can take it back, or stand by it again."""

    http_status = 403

    def __init__(self, *, key: str) -> None:
        super().__init__(f"somebody else said {key}, and only they can withdraw or restore it; discard it instead")
        self.key = key
