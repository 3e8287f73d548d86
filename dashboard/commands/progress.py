"""Progress on stderr: a bar for a person, plain lines for a log."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from core.i18n import Message

_STEP = 0.1  # of the whole, between two lines of a log

Report = Callable[[float, Message | str], None]


@contextmanager
def progress_on_stderr() -> Generator[Report]:
    """Give a function that shows a fraction (0 to 1) and what is being done."""
    if sys.stderr.isatty():
        with _bar() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bar() -> Generator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=1.0)

        def report(fraction: float, step: Message | str) -> None:
            shown.update(task, completed=fraction, description=str(step))

        yield report


def _lines() -> Report:
    said: list[tuple[str, float]] = []

    def report(fraction: float, step: Message | str) -> None:
        text = str(step)
        if said and said[-1][0] == text and fraction - said[-1][1] < _STEP:
            return
        said.append((text, fraction))
        sys.stderr.write(f"{text} {fraction:.0%}\n")
        sys.stderr.flush()

    return report
