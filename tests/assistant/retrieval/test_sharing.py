"""Many share, or one is alone."""

import threading
from concurrent.futures import ThreadPoolExecutor

from assistant.retrieval.sharing import Sharing

PATIENCE_S = 120


def test_who_shares_may_enter_again_while_another_waits_to_be_alone() -> None:
    sharing, inside, waiting = Sharing(), threading.Event(), threading.Event()

    def share() -> str:
        with sharing.shared():
            inside.set()
            assert waiting.wait(PATIENCE_S)
            with sharing.shared():
                return "entered again"

    def be_alone() -> str:
        assert inside.wait(PATIENCE_S)
        threading.Timer(0.05, waiting.set).start()
        with sharing.alone(), sharing.shared():
            return "was alone"

    with ThreadPoolExecutor(2) as pool:
        both = pool.submit(share), pool.submit(be_alone)
        assert [one.result(PATIENCE_S) for one in both] == ["entered again", "was alone"]


def test_nobody_shares_while_one_is_alone() -> None:
    sharing, seen = Sharing(), []

    def work(number: int) -> None:
        for _ in range(200):
            if number == 0:
                with sharing.alone():
                    seen.append("in")
                    seen.append("out")
            else:
                with sharing.shared():
                    seen.append("shared")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert all(seen[at + 1] == "out" for at, what in enumerate(seen) if what == "in")
    assert len(seen) == 200 * 2 + 3 * 200
