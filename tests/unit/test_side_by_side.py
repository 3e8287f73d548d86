"""Questions of a page at the same time: order, language, errors, and pages beside each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event, current_thread

import pytest

from core.i18n import current_language, use_language
from core.services.side_by_side import side_by_side

PATIENCE = 20.0  # seconds a thread waits before the test fails


def _raise(error: BaseException) -> int:
    raise error


def test_answers_keep_the_order_of_the_tasks() -> None:
    tasks = {str(n): partial(int, n) for n in range(40)}
    assert list(side_by_side(tasks).items()) == [(str(n), n) for n in range(40)]
    assert side_by_side({}) == {}


def test_two_tasks_run_at_the_same_time() -> None:
    meet = Barrier(2)
    found = side_by_side(dict.fromkeys(("one", "other"), partial(meet.wait, PATIENCE)))
    assert sorted(found.values()) == [0, 1]


def test_the_callers_language_holds_in_every_thread() -> None:
    meet = Barrier(2)

    def language() -> tuple[str, str]:
        meet.wait(PATIENCE)
        return current_language(), current_thread().name

    with use_language("fr"):
        found = side_by_side({"one": language, "other": language})
    assert {spoken for spoken, _thread in found.values()} == {"fr"}
    assert len({thread for _spoken, thread in found.values()}) == 2


def test_the_first_error_is_raised_and_nothing_new_is_begun() -> None:
    begun: list[int] = []

    def note(number: int) -> int:
        begun.append(number)
        return number

    tasks: dict[str, Callable[[], int]] = {
        "bad": partial(_raise, ValueError("first")),
        "worse": partial(_raise, KeyError("second")),  # for the other thread, if it is there
    }
    tasks |= {str(n): partial(note, n) for n in range(100)}
    with pytest.raises(ValueError, match="first"):
        side_by_side(tasks)
    assert begun == []


def test_pages_do_not_wait_for_each_others_helpers() -> None:
    """While the helper is busy elsewhere, callers answer all of their questions themselves."""
    release, started = Event(), Event()

    def hold() -> str:
        started.set()
        assert release.wait(PATIENCE)
        return current_thread().name

    with ThreadPoolExecutor(1) as other:
        slow = other.submit(side_by_side, {"one": hold, "other": hold})
        assert started.wait(PATIENCE)
        found = side_by_side({str(n): partial(int, n) for n in range(10)})
        assert list(found.values()) == list(range(10))
        assert not slow.done()
        release.set()
        assert len(slow.result(PATIENCE)) == 2
