"""The questions of one page at the same time: a second core helps where it is idle.

The caller works through its own list; helpers take from the same list as far as they are free.
A page is therefore never slower than one question after the other, however many pages there are.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")
_HELPERS = 1  # beside the caller: a page has as many questions in flight as a laptop spare cores
_pool = ThreadPoolExecutor(_HELPERS, thread_name_prefix="panels")


def side_by_side(tasks: Mapping[str, Callable[[], T]]) -> dict[str, T]:
    """Run tasks that do not depend on each other; return what each gave, in their order.

    Language and engine of the caller hold in all of them. The first error, in the order of the
    tasks, is raised after all that had begun have ended.
    """
    waiting = deque(tasks.items())
    found: dict[str, T] = {}
    failed: dict[str, BaseException] = {}

    def work() -> None:
        while not failed:
            try:
                name, task = waiting.popleft()
            except IndexError:
                return
            try:
                found[name] = task()
            except BaseException as error:  # noqa: BLE001 - raised in the caller's thread
                failed[name] = error

    helper = _pool.submit(copy_context().run, work) if len(tasks) > 1 else None
    work()
    if helper and not helper.cancel():
        wait([helper])
    for name in tasks:
        if name in failed:
            raise failed[name]
    return {name: found[name] for name in tasks}
