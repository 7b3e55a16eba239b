"""Presidio, set up for Curbside: its `AnalyzerEngine` runs our recognizers; nothing is downloaded, nothing is sent.

Importing this module imports Presidio: 12 s with torch and transformers, which it pulls in where it finds them, 1.3 s
without (one thread, measured). `engine` imports it without, unless a model is set.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from assistant.deid.document import Document, read
from assistant.deid.guard import is_vetoed
from assistant.deid.languages import Language
from assistant.deid.spans import Finder, Found
from assistant.deid.tagger.labels import findings
from assistant.deid.tagger.plausible import is_plausible

if TYPE_CHECKING:
    import numpy as np

    from assistant.deid.tagger.tagger import Tagger
    from assistant.deid.tagger.tokens import Tokens

_SURE = "curbside_sure"
_TAGGED = 0.35
"""The least chance of a token to be an identifier from which on the tagger alone masks it."""
_WEAK, _DOUBTED = 0.6, 0.05
"""A rule's finding below the first score falls if the tagger gives none of its tokens the second chance."""


class _Artifacts(NlpArtifacts):
    """What Presidio hands from its NLP engine to each recognizer: here, our words, and what the tagger makes of them."""

    def __init__(self, document: Document, tags: "tuple[Tokens, np.ndarray] | None", language: str) -> None:
        super().__init__(entities=[], tokens=[], tokens_indices=[], lemmas=[], nlp_engine=None, language=language)  # type: ignore[arg-type]
        self.document = document
        self.tags = tags

    def doubts(self, found: Found) -> bool:
        """Whether the tagger sees nothing at all where a rule, not sure of itself, sees something."""
        if self.tags is None or found.sure or found.score >= _WEAK:
            return False
        tokens, chances = self.tags
        at = bisect_right(tokens.ends, found.start)
        stop = at
        while stop < len(tokens) and tokens.starts[stop] < found.end:
            stop += 1
        return stop > at and bool((1 - chances[at:stop, 0]).max() < _DOUBTED)


class _OurWords(NlpEngine):
    """Splits text into words by one pattern and runs our tagger. No spaCy pipeline: it would keep every word of every
    patient in its string store for the life of the process, and take longer than all the rules."""

    engine_name = "curbside"
    is_available = True

    def __init__(self, language: Language, tagger: "Tagger | None") -> None:
        self._lexicons = {language.code: language.lexicon()}
        self._tagger = tagger

    def load(self) -> None:
        """Nothing to load."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        tags = self._tagger.read(text) if self._tagger else None
        return _Artifacts(read(text, self._lexicons[language]), tags, language)

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

    def __init__(
        self,
        language: Language,
        *,
        entities: Sequence[str],
        tagger: "Tagger | None" = None,
        extra: Sequence[EntityRecognizer] = (),
    ) -> None:
        registry = RecognizerRegistry(supported_languages=[language.code])
        for finder in language.finders:
            registry.add_recognizer(_RuleRecognizer(finder, entities=entities, language=language.code))
        for recognizer in extra:
            registry.add_recognizer(recognizer)
        self._language = language
        self._engine = _Analyzer(
            registry=registry,
            nlp_engine=_OurWords(language, tagger),
            supported_languages=[language.code],
            context_aware_enhancer=_NoEnhancer(),
        )

    def read(self, text: str) -> Document:
        return read(text, self._language.lexicon())

    def analyze(self, text: str, *, by_rules_alone: bool = False) -> tuple[Document, list[Found]]:
        """Findings in `text`, unsorted, with the words they were found in."""
        if by_rules_alone:
            artifacts = _Artifacts(self.read(text), None, self._language.code)
        else:
            artifacts = self._engine.nlp_engine.process_text(text, self._language.code)
        assert isinstance(artifacts, _Artifacts)
        results = self._engine.analyze(text, self._language.code, nlp_artifacts=artifacts, return_decision_process=True)
        founds = []
        for result in results:
            metadata = result.recognition_metadata or {}
            sure, guessed = bool(metadata.get(_SURE)), _SURE not in metadata
            founds.append(Found(result.start, result.end, result.entity_type, result.score, sure, guessed))
        # Beside Presidio, whose removal of duplicates would drop what a label says for a surer guess.
        if artifacts.tags is not None:
            founds += findings(*artifacts.tags, least=_TAGGED)
        return artifacts.document, [found for found in founds if _stands(artifacts, found)]


def _stands(artifacts: _Artifacts, found: Found) -> bool:
    """Our rules look out for medicine themselves; a model calls Foley a person."""
    if not found.guessed:
        return not artifacts.doubts(found)
    return is_plausible(artifacts.document, found) and not is_vetoed(artifacts.document, found)
