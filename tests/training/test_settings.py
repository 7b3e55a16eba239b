"""The settings of training: what suits which model."""

from training.settings import TrainingSettings


def test_the_starter_learns_in_larger_steps_unless_somebody_said_otherwise() -> None:
    plain = TrainingSettings()
    assert plain.suiting("starter").learning_rate > plain.learning_rate
    assert plain.suiting("mistral-7b") == plain
    assert TrainingSettings(learning_rate=5e-5, batch_size=2).suiting("starter").learning_rate == 5e-5
    assert TrainingSettings(batch_size=2).suiting("starter").batch_size == 2
