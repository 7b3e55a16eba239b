"""Every error of training, and what to do about it. Subclasses of `assistant.errors.TrainingError`; never patient text."""

from assistant.errors import TrainingError


class RunNotFound(TrainingError):
    http_status = 404

    def __init__(self, *, name: str) -> None:
        super().__init__(f"there is no run {name!r}; `curbside runs` lists them")
        self.name = name


class RunUnderWay(TrainingError):
    """One run at a time, over all processes of an installation."""

    def __init__(self, *, name: str, state: str) -> None:
        super().__init__(f"run {name} is under way ({state}); wait until it has ended, or cancel it")
        self.name, self.state = name, state


class RunEnded(TrainingError):
    def __init__(self, *, name: str, state: str) -> None:
        super().__init__(f"run {name} has ended ({state}); start a new one")
        self.name, self.state = name, state


class SlotTaken(TrainingError):
    """This scheduled time has had its run: another process was first, or the clock was set back."""

    def __init__(self, *, name: str) -> None:
        super().__init__(f"run {name} was started for this time already; the next one is shown in the Training tab")
        self.name = name


class LostLease(TrainingError):
    """Another process took this run over, so this one may write nothing more."""

    def __init__(self, *, run_id: int) -> None:
        super().__init__(f"run {run_id} is led by another process now; this one stopped and changed nothing more")
        self.run_id = run_id


class RunInterrupted(TrainingError):
    """The process that leads a run was told to stop. The run goes on from its last step when it is started again."""

    def __init__(self, *, name: str) -> None:
        super().__init__(f"run {name} was interrupted; start it again and it goes on from its last step")
        self.name = name


class RunCancelled(TrainingError):
    def __init__(self, *, name: str) -> None:
        super().__init__(f"run {name} was cancelled; the live model stays what it was")
        self.name = name


class TrainerFailed(TrainingError):
    """The trainer's process ended without an adapter."""

    def __init__(self, *, problem: str) -> None:
        super().__init__(f"training ended without an adapter: {problem}; the live model stays what it was")
        self.problem = problem


class LiveModelChanged(TrainingError):
    def __init__(self, *, judged: str, live: str) -> None:
        super().__init__(
            f"the candidate was judged against {judged}, and {live} is live now; start a run that compares it with {live}"
        )
        self.judged, self.live = judged, live


class NotPromotable(TrainingError):
    def __init__(self, *, name: str, problem: str) -> None:
        super().__init__(f"run {name} cannot go live: {problem}")
        self.name, self.problem = name, problem


class GpuNotFree(TrainingError):
    def __init__(self, *, holders: str, seconds: float) -> None:
        super().__init__(
            f"{holders} did not leave the GPU within {seconds:.0f} seconds, so nothing was trained; look what it does, "
            "or raise `CURBSIDE_TRAINING__GPU_WAIT_S`"
        )
        self.holders, self.seconds = holders, seconds


class WindowOver(TrainingError):
    def __init__(self, *, name: str, ended: str) -> None:
        super().__init__(
            f"run {name} was stopped at {ended}, when the hours for training ended; widen `CURBSIDE_SCHEDULE__WINDOW_HOURS`, "
            "or start it by hand, which no window ends"
        )
        self.name = name
