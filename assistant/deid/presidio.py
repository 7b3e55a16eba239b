"""Presidio, set up for Curbside: its `AnalyzerEngine` runs our recognizers; nothing is downloaded, nothing is sent.

Importing this module imports Presidio: 12 s with torch and transformers, which it pulls in where it finds them, 1.3 s
without (one thread, measured). `engine` imports it without, unless a model is set.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from assistant.deid.document import Document, read
from assistant.deid.guard import is_vetoed
from assistant.deid.languages import Language
from assistant.deid.spans import Finder, Found

_SURE = "curbside_sure"


class _Artifacts(NlpArtifacts):
    """What Presidio hands from its NLP engine to each recognizer: here, our words."""

    def __init__(self, document: Document, language: str) -> None:
        super().__init__(entities=[], tokens=[], tokens_indices=[], lemmas=[], nlp_engine=None, language=language)  # type: ignore[arg-type]
        self.document = document


class _WordsOnly(NlpEngine):
    """Splits text into words by one pattern. No spaCy pipeline: it would keep every word of every patient in its string
    store for the life of the process, and take longer than all the rules."""

    engine_name = "curbside"
    is_available = True

    def __init__(self, languages: Sequence[Language]) -> None:
        self._lexicons = {language.code: language.lexicon() for language in languages}

    def load(self) -> None:
        """Nothing to load."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        return _Artifacts(read(text, self._lexicons[language]), language)

    def process_batch(
        self, texts: Iterable[str], language: str, batch_size: int = 1, n_process: int = 1, **kwargs: Any
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return not any(character.isalnum() for character in word)

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return list(self._lexicons)


class _RuleRecognizer(EntityRecognizer):
    """One of our rules as a Presidio recognizer."""

    def __init__(self, finder: Finder, *, entities: Sequence[str], language: str) -> None:
        super().__init__(supported_entities=list(entities), name=finder.__name__, supported_language=language)
        self._finder = finder

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        assert isinstance(nlp_artifacts, _Artifacts)
        return [
            RecognizerResult(
                found.type,
                found.start,
                found.end,
                found.score,
                recognition_metadata={_SURE: found.sure, **self._names()},
            )
            for found in self._finder(nlp_artifacts.document)
        ]

    def _names(self) -> dict[str, str]:
        return {RecognizerResult.RECOGNIZER_NAME_KEY: self.name, RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id}


class _NoEnhancer(ContextAwareEnhancer):
    """Our rules weigh their own context; Presidio's enhancer would compare every finding with every word."""

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=0,
            min_score_with_context_similarity=0,
            context_prefix_count=0,
            context_suffix_count=0,
        )

    def enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *_: Any, **__: Any
    ) -> list[RecognizerResult]:
        return raw_results


class _Analyzer(AnalyzerEngine):
    """Leaves out the comparison of every result with every other, which is quadratic: `resolve` does it by sorting."""

    def _enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *_: Any, **__: Any
    ) -> list[RecognizerResult]:
        return raw_results


class Analyzer:
    """Runs Presidio and hands back plain findings."""

    def __init__(self, language: Language, *, entities: Sequence[str], extra: Sequence[EntityRecognizer] = ()) -> None:
        registry = RecognizerRegistry(supported_languages=[language.code])
        for finder in language.finders:
            registry.add_recognizer(_RuleRecognizer(finder, entities=entities, language=language.code))
        for recognizer in extra:
            registry.add_recognizer(recognizer)
        self._language = language
        self._engine = _Analyzer(
            registry=registry,
            nlp_engine=_WordsOnly([language]),
            supported_languages=[language.code],
            context_aware_enhancer=_NoEnhancer(),
        )

    def read(self, text: str) -> Document:
        return read(text, self._language.lexicon())

    def analyze(self, text: str) -> tuple[Document, list[Found]]:
        """Findings in `text`, unsorted, with the words they were found in."""
        artifacts = self._engine.nlp_engine.process_text(text, self._language.code)
        assert isinstance(artifacts, _Artifacts)
        results = self._engine.analyze(text, self._language.code, nlp_artifacts=artifacts, return_decision_process=True)
        founds = []
        for result in results:
            metadata = result.recognition_metadata or {}
            found = Found(result.start, result.end, result.entity_type, result.score, bool(metadata.get(_SURE)))
            # Our rules look out for medicine themselves; a model calls Foley a person.
            if _SURE in metadata or not is_vetoed(artifacts.document, found):
                founds.append(found)
        return artifacts.document, founds
