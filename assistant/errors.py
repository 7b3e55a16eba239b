"""Every error a person may meet, and what they can do about it.

    CurbsideError
    ├── ReadingError                a file cannot become a report
    │   ├── UnsupportedFormat · EmptyFile · FileTooLarge · UnreadableFile · PasswordProtected · MissingColumn
    │   └── NotAFile · ReportTooLong · UnusableId
    ├── DeidError
    │   ├── DeidModelNotFound · DeidModelBroke
    │   └── NeedsReview             the masked text may still identify somebody
    ├── StorageError
    │   ├── ReportNotFound · ConversationNotFound · TurnNotFound · DatabaseUnavailable · DiskFull · WrongKey · EditConflict
    ├── RetrievalError
    │   ├── IndexOutdated           the embedding model changed; re-index
    │   └── IndexDamaged · IndexUnavailable · EmbeddingModelNotFound
    ├── GenerationError
    │   ├── PromptTooLong · ModelUnavailable (ModelNotReady) · ModelOverloaded · ModelRejected · ModelBroke · ModelNotFound
    │   ├── ModelOutOfMemory · ModelRests
    │   └── AdapterBroken · AdapterExists · NoSuchAdapter · NothingToRollBack
    ├── InputError
    │   ├── QuestionTooLong · NothingToAnswer · UnknownValue
    ├── MissingExtra                an optional package is not installed
    ├── RayUnavailable · NotShared  other machines: the cluster is away · they do not reach what they need
    └── TrainingError               training, judging, promoting or scheduling

Messages name the thing, the value and the remedy. They never hold patient text: at most a file's name extension, a
column's name, a size or an id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.deid.residual import Residual


class CurbsideError(Exception):
    """Catch this to catch every expected failure."""

    exit_code = 1
    http_status = 400

    @property
    def details(self) -> Mapping[str, Any]:
        """What a program needs besides the message: counts and offsets, never text."""
        return {}


class ReadingError(CurbsideError):
    exit_code = 3
    http_status = 422


class UnsupportedFormat(ReadingError):
    def __init__(self, *, extension: str, known: tuple[str, ...]) -> None:
        super().__init__(f"cannot read {extension or 'a file without extension'}; save it as one of {', '.join(known)}")
        self.extension, self.known = extension, known


class EmptyFile(ReadingError):
    def __init__(self, *, what: str = "the file") -> None:
        super().__init__(
            f"{what} holds no text; check that the right one was chosen (a scan needs text recognition first)"
        )


class FileTooLarge(ReadingError):
    def __init__(
        self, *, size_bytes: int, limit_bytes: int, what: str = "the file", setting: str = "MAX_FILE_MB"
    ) -> None:
        super().__init__(
            f"{what} has {size_bytes / 1e6:.1f} MB, the limit is {limit_bytes / 1e6:.1f} MB; "
            f"split it or raise `CURBSIDE_READING__{setting}`"
        )
        self.size_bytes, self.limit_bytes = size_bytes, limit_bytes


class ReportTooLong(ReadingError):
    def __init__(self, *, length: int, limit: int, what: str = "the report") -> None:
        super().__init__(
            f"{what} has {length} characters, the limit is {limit}; "
            "split it or raise `CURBSIDE_READING__MAX_REPORT_CHARS`"
        )
        self.length, self.limit = length, limit


class NotAFile(ReadingError):
    def __init__(self, *, what: str) -> None:
        super().__init__(f"the path leads to {what}; give the path of a file, or of a folder of files")
        self.what = what


class UnreadableFile(ReadingError):
    def __init__(self, *, format: str, problem: str) -> None:
        super().__init__(
            f"the {format} file cannot be read: {problem}; open and save it again, or save it as plain text"
        )
        self.format, self.problem = format, problem


class PasswordProtected(ReadingError):
    def __init__(self, *, format: str) -> None:
        super().__init__(f"the {format} file is protected by a password; save a copy without one and try again")
        self.format = format


class MissingColumn(ReadingError):
    def __init__(self, *, wanted: str, available: tuple[str, ...], option: str) -> None:
        super().__init__(
            f"there is no column {wanted!r}; the file has {', '.join(map(repr, available))}; name one with {option}"
        )
        self.wanted, self.available = wanted, available


class UnusableId(ReadingError):
    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__(
            f"the report's id ({length} characters) cannot be used; an id has at most {limit} characters, all printable; "
            "name another column with --id-field"
        )
        self.length, self.limit = length, limit


class DeidError(CurbsideError):
    exit_code = 4
    http_status = 422


class DeidModelNotFound(DeidError):
    http_status = 503

    def __init__(self, *, name: str, problem: str) -> None:
        super().__init__(
            f"the de-identification model {name!r} cannot be loaded ({problem}); give a token-classification model's folder "
            "or hub name in `CURBSIDE_DEID__MODEL`, or unset it to use the rules alone"
        )
        self.name, self.problem = name, problem


class TaggerNotFound(DeidError):
    """A part of the installation is missing or broken. Fails closed: rules alone would mask less than is promised."""

    http_status = 503

    def __init__(self, *, language: str, problem: str) -> None:
        super().__init__(
            f"the de-identification tagger for {language!r} cannot be loaded ({problem}), so nothing is masked or kept; "
            "install Curbside again"
        )
        self.language, self.problem = language, problem


class DeidModelBroke(DeidError):
    http_status = 503

    def __init__(self, *, problem: str) -> None:
        super().__init__(
            f"the de-identification model failed ({problem}) and nothing was kept; try again, or give another model in "
            "`CURBSIDE_DEID__MODEL`"
        )
        self.problem = problem


class NeedsReview(DeidError):
    """What a second look found in a masked report stands between it and the store, until a person has looked."""

    http_status = 409

    def __init__(self, *, places: "Sequence[Residual]") -> None:
        super().__init__(
            f"{in_doubt(len(places))} and nothing was kept; mask each, or say that it is none, "
            "in the browser or with `curbside review FILE`"
        )
        self.places = tuple(places)

    @property
    def details(self) -> Mapping[str, Any]:
        return {"count": len(self.places), "places": [asdict(place) for place in self.places]}


def in_doubt(count: int) -> str:
    return f"{count} places still look like identifiers" if count != 1 else "1 place still looks like an identifier"


class StorageError(CurbsideError):
    exit_code = 5
    http_status = 503


class ReportNotFound(StorageError):
    http_status = 404

    def __init__(self, *, report_id: str) -> None:
        super().__init__(
            f"there is no report {report_id!r}; it may have been deleted; search for it in the Reports tab"
        )
        self.report_id = report_id


class ConversationNotFound(StorageError):
    http_status = 404

    def __init__(self, *, conversation_id: int) -> None:
        super().__init__(f"there is no conversation {conversation_id}; it may have been deleted; start a new one")
        self.conversation_id = conversation_id


class TurnNotFound(StorageError):
    http_status = 404

    def __init__(self, *, turn_id: int) -> None:
        super().__init__(f"there is no answer {turn_id}; its conversation may have been deleted; ask again")
        self.turn_id = turn_id


class DatabaseUnavailable(StorageError):
    def __init__(self, *, problem: str) -> None:
        super().__init__(
            f"the database does not answer ({problem}); start it or correct `CURBSIDE_STORAGE__DATABASE_URL`"
        )
        self.problem = problem


class DiskFull(StorageError):
    def __init__(self, *, free_bytes: int) -> None:
        super().__init__(
            f"the disk has {free_bytes / 1e6:.0f} MB left and the change was not saved; free some space and try again"
        )
        self.free_bytes = free_bytes


class WrongKey(StorageError):
    def __init__(self, *, path: str) -> None:
        super().__init__(f"the key in {path} does not open this data; put back the key file that was made with it")
        self.path = path


class EditConflict(StorageError):
    http_status = 409

    def __init__(self, *, turn_id: int) -> None:
        super().__init__(
            f"answer {turn_id} was corrected in another window meanwhile; your text is still in the editor: "
            "compare it with the other correction and save again"
        )
        self.turn_id = turn_id


class RetrievalError(CurbsideError):
    exit_code = 6
    http_status = 503


class IndexOutdated(RetrievalError):
    def __init__(self, *, built_with: str, configured: str) -> None:
        super().__init__(
            f"the index was built with {built_with}, the settings name {configured}; run `curbside reindex`"
        )
        self.built_with, self.configured = built_with, configured


class IndexDamaged(RetrievalError):
    def __init__(self, *, problem: str) -> None:
        super().__init__(f"the search index cannot be read ({problem}); the reports are safe: run `curbside reindex`")
        self.problem = problem


class IndexUnavailable(RetrievalError):
    def __init__(self, *, url: str, problem: str) -> None:
        url = url.rpartition("@")[2]  # a name and password before it are nobody's business
        super().__init__(
            f"the Chroma server at {url} does not answer ({problem}); start it or correct `CURBSIDE_STORAGE__CHROMA_URL`"
        )
        self.url, self.problem = url, problem


class EmbeddingModelNotFound(RetrievalError):
    def __init__(self, *, name: str, problem: str) -> None:
        super().__init__(
            f"the embedding model {name!r} cannot be loaded ({problem}); give a sentence-transformers folder or hub name "
            "in `CURBSIDE_RETRIEVAL__EMBEDDING_MODEL`"
        )
        self.name, self.problem = name, problem


class GenerationError(CurbsideError):
    exit_code = 7
    http_status = 502


class PromptTooLong(GenerationError):
    http_status = 413

    def __init__(self, *, tokens: int, limit: int) -> None:
        super().__init__(
            f"the prompt has {tokens} tokens, the model takes {limit}; lower `CURBSIDE_RETRIEVAL__TOP_K` or shorten the report"
        )
        self.tokens, self.limit = tokens, limit


class ModelUnavailable(GenerationError):
    http_status = 503

    def __init__(self, *, url: str, problem: str) -> None:
        super().__init__(
            f"the model server at {url} does not answer ({problem}); start it or correct `CURBSIDE_GENERATION__URL`"
        )
        self.url, self.problem = url, problem


class ModelNotReady(ModelUnavailable):
    """The servers are there, and none may answer yet: nobody has to do anything."""

    def __init__(self, *, url: str, problem: str) -> None:
        GenerationError.__init__(self, f"the model server at {url} is not ready ({problem})")
        self.url, self.problem = url, problem


class ModelOverloaded(GenerationError):
    http_status = 503

    def __init__(self, *, url: str) -> None:
        super().__init__(f"the model server at {url} is overloaded; try again in a minute or lower its load")
        self.url = url


class ModelRejected(GenerationError):
    def __init__(self, *, status: int, kind: str) -> None:
        super().__init__(
            f"the model server refused the request (status {status}, {kind}); check the model's name and its limits"
        )
        self.status, self.kind = status, kind


class ModelBroke(GenerationError):
    def __init__(self, *, problem: str) -> None:
        super().__init__(f"the model stopped in the middle of the answer ({problem}); ask again")
        self.problem = problem


class ModelNotFound(GenerationError):
    def __init__(self, *, name: str, problem: str = "not found") -> None:
        super().__init__(
            f"model {name!r} cannot be loaded ({problem}); give a model folder or a hub name in `CURBSIDE_GENERATION__MODEL`"
        )
        self.name, self.problem = name, problem


class ModelOutOfMemory(GenerationError):
    http_status = 503

    def __init__(self, *, device: str) -> None:
        super().__init__(
            f"the model needs more memory than there is free ({device}); close what else uses it, choose a smaller model, "
            "or lower `CURBSIDE_GENERATION__CONTEXT_TOKENS`"
        )
        self.device = device


class ModelRests(GenerationError):
    """Training has the GPU. The model answers again by itself."""

    http_status = 503

    def __init__(self, *, until: str) -> None:
        super().__init__(f"the model rests {until}, for training needs its GPU")
        self.until = until


class AdapterBroken(GenerationError):
    http_status = 500

    def __init__(
        self, *, name: str, problem: str, remedy: str = "train again, promote another one, or `curbside rollback`"
    ) -> None:
        super().__init__(f"adapter {name!r} cannot be used ({problem}); {remedy}")
        self.name, self.problem = name, problem


class AdapterExists(GenerationError):
    http_status = 409

    def __init__(self, *, name: str) -> None:
        super().__init__(f"another adapter is called {name!r} already, and adapters never change; choose another name")
        self.name = name


class NoSuchAdapter(GenerationError):
    exit_code = 2
    http_status = 404

    def __init__(self, *, name: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no adapter {name!r}; there are: {', '.join(known) or 'none yet'}")
        self.name, self.known = name, tuple(known)


class NothingToRollBack(GenerationError):
    exit_code = 2
    http_status = 409

    def __init__(self) -> None:
        super().__init__("nothing was live before what is live now; promote a run to change that")


class InputError(CurbsideError):
    exit_code = 2
    http_status = 422


class QuestionTooLong(InputError):
    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__(
            f"the question has {length} characters, the limit is {limit}; paste long text as the report instead"
        )
        self.length, self.limit = length, limit


class NothingToAnswer(InputError):
    def __init__(self, *, problem: str) -> None:
        super().__init__(problem)


class UnknownValue(InputError):
    def __init__(self, *, name: str, value: str, known: tuple[str, ...]) -> None:
        super().__init__(f"{name} {value!r} is not known; choose one of {', '.join(known)}")
        self.value, self.known = value, known


class MissingExtra(CurbsideError):
    def __init__(self, *, package: str, extra: str) -> None:
        super().__init__(f"this needs the package {package!r}; install it with `pip install -e '.[{extra}]'`")
        self.package, self.extra = package, extra


class RayUnavailable(CurbsideError):
    exit_code = 8
    http_status = 503

    def __init__(self, *, address: str, problem: str) -> None:
        super().__init__(
            f"the Ray cluster at {address} does not answer ({problem}); start it (`ray start --head --disable-usage-stats`), or "
            "name another with --address (for training also with `CURBSIDE_TRAINING__RAY_ADDRESS`)"
        )
        self.address = address


class NotShared(CurbsideError):
    """Another machine would need what only this one has."""

    exit_code = 8

    def __init__(self, *, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")


class TrainingError(CurbsideError):
    """Training, judging, promoting or scheduling could not be done. The live model stays what it was."""

    exit_code = 8
    http_status = 409
