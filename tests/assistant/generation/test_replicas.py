"""Which server is asked next: the choice alone, on a clock that the test sets."""

import pytest

from assistant.generation.replicas import Replica, Replicas


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Adapters:
    """Ready where told so."""

    problem = "the adapter is being loaded"

    def __init__(self, *ready: str) -> None:
        self.ready = set(ready)

    def is_ready(self, url: str) -> bool:
        return url in self.ready

    async def name_at(self, url: str) -> str | None:
        return None

    def ended(self, url: str, name: str | None) -> None: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make(clock: Clock, *urls: str, concurrent: int = 0, adapters: Adapters | None = None) -> Replicas:
    return Replicas(urls or ("a", "b"), concurrent=concurrent, adapters=adapters, clock=clock)


def choose(replicas: Replicas, *tried: str) -> Replica:
    chosen = replicas.choose(set(tried))
    assert chosen is not None
    return chosen


def chosen(replicas: Replicas, count: int) -> list[str | None]:
    return [each.url if (each := replicas.choose(())) else None for _ in range(count)]


def test_fewest_answers_under_way_go_first(clock: Clock) -> None:
    replicas = make(clock)
    assert chosen(replicas, 4) == ["a", "b", "a", "b"]
    replicas.ended(replicas._all[1])
    assert chosen(replicas, 2) == ["b", "a"]


def test_of_two_alike_the_one_chosen_longer_ago_is_next(clock: Clock) -> None:
    replicas = make(clock)
    seen = []
    for _ in range(4):
        replica = choose(replicas)
        seen.append(replica.url)
        replicas.ended(replica)
    assert seen == ["a", "b", "a", "b"]


def test_each_replica_has_its_own_limit(clock: Clock) -> None:
    assert chosen(make(clock, concurrent=2), 5) == ["a", "b", "a", "b", None]


def test_without_a_limit_there_is_always_room(clock: Clock) -> None:
    assert None not in chosen(make(clock), 500)


def test_who_failed_is_avoided_for_a_time_that_grows_and_is_given_back_by_its_health(clock: Clock) -> None:
    replicas = make(clock)
    times = []
    broken = choose(replicas)
    for _ in range(9):
        replicas.failed(broken)
        assert chosen(replicas, 1) == ["b"]
        assert replicas.to_check() is None  # not yet
        assert broken.avoided_until is not None
        times.append(broken.avoided_until - clock.now)
        clock.now = broken.avoided_until
        assert replicas.to_check() is broken
        assert replicas.to_check() is None  # one asker at a time
        replicas.checked(broken, healthy=False)
        assert broken.avoided_until > clock.now
        clock.now = broken.avoided_until
        assert replicas.to_check() is broken
        replicas.checked(broken, healthy=True)
        assert "a" in chosen(replicas, 20)
    assert times[0] < 1
    assert times[1] > times[0]
    assert times[-1] == 30


def test_an_answer_that_began_wipes_the_failures_out(clock: Clock) -> None:
    replicas = make(clock, "a")
    replica = choose(replicas)
    replicas.failed(replica)
    replicas.begun(replica)
    replicas.failed(replica)
    assert replica.failures == 1


def test_a_check_that_is_cut_off_says_nothing(clock: Clock) -> None:
    replicas = make(clock)
    broken = choose(replicas)
    replicas.failed(broken)
    clock.now += 2
    assert replicas.to_check() is broken
    replicas.checked(broken, healthy=None)
    assert replicas.to_check() is broken


def test_while_none_is_sound_questions_find_out_themselves(clock: Clock) -> None:
    replicas = make(clock)
    for _ in range(2):
        replica = choose(replicas)
        replicas.failed(replica)
        replicas.ended(replica)
        clock.now += 1
    assert choose(replicas).url == "a"  # the one that may be back first
    assert choose(replicas, "a").url == "b"
    clock.now += 100
    assert replicas.to_check() is None


def test_the_only_server_is_never_checked_beside_a_question(clock: Clock) -> None:
    replicas = make(clock, "a")
    replicas.failed(choose(replicas))
    clock.now += 100
    assert replicas.to_check() is None
    assert choose(replicas).url == "a"


def test_a_full_server_is_given_no_more_than_it_had_until_one_begins(clock: Clock) -> None:
    replicas = make(clock, "a")
    taken = [choose(replicas) for _ in range(4)]
    replica = taken[0]
    replicas.refused(replica, after_s=None)
    replicas.ended(replica)
    look_at = replicas.look_again_at()
    assert look_at is not None
    assert chosen(replicas, 1) == [None]
    clock.now = look_at
    assert chosen(replicas, 1) == [None]  # three are under way, and three is what it takes
    replicas.ended(replica)
    assert chosen(replicas, 2) == ["a", None]
    replicas.begun(replica)
    assert chosen(replicas, 2) == ["a", None]


def test_a_full_server_is_asked_less_and_less_and_as_it_asks_itself(clock: Clock) -> None:
    replicas = make(clock, "a")
    pauses = []
    for _ in range(8):
        replica = choose(replicas)
        replicas.refused(replica, after_s=None)
        replicas.ended(replica)
        pauses.append(replica.paused_until - clock.now)
        clock.now = replica.paused_until
    assert pauses[0] < 0.4
    assert pauses[-1] == pytest.approx(8)
    for asked, kept in ((3, 3), (86_400, 8), (0, 0)):
        replica = choose(replicas)
        replicas.refused(replica, after_s=asked)
        replicas.ended(replica)
        assert replica.paused_until - clock.now == pytest.approx(kept)
        clock.now = replica.paused_until


def test_who_is_full_does_not_lead_to_who_is_broken(clock: Clock) -> None:
    replicas = make(clock, concurrent=1)
    replicas.failed(choose(replicas))
    assert chosen(replicas, 2) == ["b", None]


def test_a_replica_that_does_not_wear_the_right_adapter_is_not_chosen(clock: Clock) -> None:
    adapters = Adapters("b")
    replicas = make(clock, adapters=adapters)
    assert chosen(replicas, 2) == ["b", "b"]
    assert replicas.ready_urls() == {"b"}
    adapters.ready.clear()
    assert chosen(replicas, 1) == [None]
    assert replicas.look_again_at() is not None  # readiness changes without a word
