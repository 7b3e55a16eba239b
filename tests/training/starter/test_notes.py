from pathlib import Path

from training.starter.notes import divide, is_held_out, read_notes


def test_no_note_is_both_trained_on_and_held_out(data: Path) -> None:
    learnt = {note.id for note in read_notes(data, held_out=False)}
    kept = {note.id for note in read_notes(data, held_out=True)}
    assert learnt
    assert kept
    assert not learnt & kept


def test_the_notes_kept_are_those_that_the_benchmark_of_quoting_keeps(data: Path) -> None:
    from tests.benchmarks.bench_quoting import Note

    for number in range(40):
        assert is_held_out(f"mtsamples:{number}") is Note(id=str(number), text="", truth=()).held_out


def test_sections_of_one_corpus_are_put_together_under_different_headings(data: Path) -> None:
    notes = [note for note in read_notes(data, held_out=False) if note.id.startswith("mts-dialog")]
    assert notes
    for note in notes:
        headings = [part.heading for part in note.parts]
        assert len(headings) == len(set(headings))


def test_the_parts_of_a_note_are_the_note() -> None:
    text = "Seen today.\n\nALLERGIES: Penicillin.\n\nPLAN:\n1. Rest.\n"
    parts = divide(text)
    assert "".join(part.written for part in parts) == text
    assert [part.heading for part in parts] == ["", "ALLERGIES", "PLAN"]
    assert "allergies" in parts[1].topics


def test_missing_data_gives_no_notes(tmp_path: Path) -> None:
    assert read_notes(tmp_path, held_out=False) == []
