"""A Hugging Face token-classification model as one more recognizer (`DeidSettings.model`)."""

import re
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from assistant.deid.windows import windows
from assistant.errors import DeidModelBroke, DeidModelNotFound

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

# What models call things → our types. A label that is neither here nor below becomes OTHER, which is removed.
LABELS = {
    "PER": "NAME", "PERSON": "NAME", "NAME": "NAME", "PATIENT": "NAME", "DOCTOR": "NAME", "STAFF": "NAME", "HCW": "NAME",
    "USERNAME": "ID", "FIRSTNAME": "NAME", "LASTNAME": "NAME", "FIRST_NAME": "NAME", "LAST_NAME": "NAME",
    "LOC": "LOCATION", "LOCATION": "LOCATION", "GPE": "LOCATION", "CITY": "LOCATION", "COUNTY": "LOCATION",
    "STREET": "ADDRESS", "STREET_ADDRESS": "ADDRESS", "ADDRESS": "ADDRESS", "ZIP": "ZIP", "ZIPCODE": "ZIP", "LOCATION-OTHER": "LOCATION",
    "STATE": "STATE", "COUNTRY": "COUNTRY",
    "ORG": "ORGANIZATION", "ORGANIZATION": "ORGANIZATION", "HOSPITAL": "ORGANIZATION", "PATORG": "ORGANIZATION", "VENDOR": "ORGANIZATION",
    "DATE": "DATE", "DAT": "DATE", "DATE_TIME": "DATE", "DOB": "DATE", "PHONE": "PHONE", "PHONE_NUMBER": "PHONE", "FAX": "FAX",
    "EMAIL": "EMAIL", "EMAIL_ADDRESS": "EMAIL", "SSN": "SSN", "MRN": "MRN", "MEDICALRECORD": "MRN", "HEALTHPLAN": "HEALTH_PLAN",
    "ACCOUNT": "ACCOUNT", "LICENSE": "LICENSE", "VEHICLE": "VEHICLE", "DEVICE": "DEVICE", "URL": "URL", "IP": "IP", "IPADDRESS": "IP",
    "BIOID": "BIOMETRIC", "ID": "ID", "IDNUM": "ID", "OTHERPHI": "OTHER", "AGE": "AGE",
}  # fmt: skip
_NOT_IDENTIFYING = frozenset(
    {"O", "MISC", "TIME", "TI", "PROFESSION", "NORP", "CARDINAL", "ORDINAL", "PERCENT", "QUANTITY", "MONEY"}
)
_TAG = re.compile(r"^[BIELSU]-")
_CHUNK_CHARS, _OVERLAP_CHARS = 900, 100
_FEWEST_TOKENS = 16
"""A model that reads fewer at once is refused: cutting the text so small would cut names."""


def token_classifier(model: str, *, language: str, entities: Sequence[str]) -> "EntityRecognizer":
    """A Presidio recognizer that runs the model of this folder or hub name, on the processor.

    It fails closed, where Presidio's own logs the failure with its trace and finds nothing: what the model could not
    read raises `DeidModelBroke`, which like the log says nothing of the text.

    Raises:
        DeidModelNotFound: no such folder, no such model on the hub, or not a token-classification model.
    """
    from presidio_analyzer import EntityRecognizer, RecognizerResult

    class TokenClassifier(EntityRecognizer):
        """Ages are parsed by our own rule; what is no identifier is left out."""

        def load(self) -> None:
            self._pipeline = _pipeline(model)
            self._limit = _token_limit(self._pipeline)
            # Two threads in one fast tokenizer: "Already borrowed".
            self._lock = threading.Lock()

        def analyze(self, text: str, entities: list[str], nlp_artifacts: object = None) -> list[RecognizerResult]:
            with self._lock:
                names = {
                    RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                }
                return [
                    RecognizerResult(kind, start + at, start + until, score, recognition_metadata=names)
                    for start, end in windows(text, size=_CHUNK_CHARS, overlap=_OVERLAP_CHARS)
                    for at, until, kind, score in _predict(self._pipeline, text[start:end], self._limit)
                ]

    return TokenClassifier(supported_entities=list(entities), name="token_classifier", supported_language=language)


def _pipeline(model: str) -> Any:
    try:
        from transformers import pipeline

        return pipeline(
            "token-classification", model=model, tokenizer=model, aggregation_strategy="first", device="cpu"
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise DeidModelNotFound(name=model, problem=type(error).__name__) from error


def _token_limit(pipeline: Any) -> int:
    """How many tokens the model reads at once. Two fewer than it has positions: RoBERTa's begin at 2."""
    positions = getattr(pipeline.model.config, "max_position_embeddings", None) or 512
    return max(_FEWEST_TOKENS, min(int(positions) - 2, pipeline.tokenizer.model_max_length))


def _predict(pipeline: Any, chunk: str, limit: int) -> Iterator[tuple[int, int, str, float]]:
    """`(start, end, type, score)` in `chunk`.

    Raises:
        DeidModelBroke: the model failed, or did not say where it saw what.
    """
    found: object = None
    problem = ""
    halves: tuple[int, ...] = ()
    try:
        # The pipeline would cut what is too long for the model, and say nothing of it.
        if len(pipeline.tokenizer(chunk, verbose=False)["input_ids"]) > limit and len(chunk) > 1:
            middle = chunk.rfind(" ", 1, len(chunk) // 2 + 1) + 1 or len(chunk) // 2
            halves = (0, middle, len(chunk))
        else:
            found = pipeline(chunk)
    except Exception as error:  # noqa: BLE001 - whatever a model fails with: its message may quote the text
        problem = type(error).__name__
    # Raised out here, the error has no `__context__` that a log would print.
    if problem:
        raise DeidModelBroke(problem=problem)
    for start, end in pairwise(halves):
        for at, until, kind, score in _predict(pipeline, chunk[start:end], limit):
            yield at + start, until + start, kind, score
    if halves:
        return
    if not isinstance(found, list):
        raise DeidModelBroke(problem="no list of predictions")
    for piece in found:
        label = _TAG.sub("", str(piece["entity_group"])).upper()
        if label in _NOT_IDENTIFYING or label == "AGE":
            continue
        at, until, score = piece.get("start"), piece.get("end"), float(piece["score"])
        if at is None or until is None or not 0 <= score <= 1:
            raise DeidModelBroke(problem="a prediction without place or score")
        yield at, until, LABELS.get(label, "OTHER"), score
