"""A Hugging Face token-classification model as one more recognizer (`DeidSettings.model`)."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assistant.errors import ModelNotFound

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

# What models call things → our types. A label that is not here keeps its own name, and is removed (see `policy.removes`).
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
_CHUNK_CHARS, _OVERLAP_CHARS = 900, 100


def token_classifier(model: str, *, language: str, entities: Sequence[str]) -> "EntityRecognizer":
    """Presidio's own recognizer on the model's folder or hub name, with our types.

    Raises:
        ModelNotFound: no such folder, no such model on the hub, or not a token-classification model.
    """
    from presidio_analyzer import RecognizerResult

    presidio_ner: Any = importlib.import_module(
        "presidio_analyzer.predefined_recognizers.ner.huggingface_ner_recognizer"
    )
    if presidio_ner.hf_pipeline is None:
        # Another `Deidentifier` of this process imported Presidio without transformers.
        presidio_ner = importlib.reload(presidio_ner)
    base: Any = presidio_ner.HuggingFaceNerRecognizer

    class Recognizer(base):
        """Ages are parsed by our own rule; what is no identifier is left out."""

        def analyze(self, *args: object, **kwargs: object) -> list[RecognizerResult]:
            results = super().analyze(*args, **kwargs)  # type: ignore[arg-type]
            return [
                result
                for result in results
                if result.entity_type not in _NOT_IDENTIFYING and result.entity_type != "AGE"
            ]

    try:
        return Recognizer(
            supported_entities=list(entities),
            name="token_classifier",
            supported_language=language,
            model_name=model,
            label_mapping=LABELS,
            aggregation_strategy="first",
            chunk_size=_CHUNK_CHARS,
            chunk_overlap=_OVERLAP_CHARS,
            device="cpu",
        )
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelNotFound(name=model, problem=f"no token-classification model: {type(error).__name__}") from error
