"""The prepared numbers: which files serve, and whether their sums are those of the lines."""

from collections.abc import Iterator

from core.errors import PicholineError
from core.i18n import msg, msg_n
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.warehouse import Chain, Verified, Warehouse, WarehouseInfo, verify
from core.services.doctor.check import Check, Level
from core.settings import Settings

_SAMPLE_MONTHS = 2
_MEGABYTE = 1_000_000


def warehouse_checks(settings: Settings, catalogue: Catalogue, *, full: bool) -> list[Check]:
    """Return the state of the prepared numbers.

    Args:
        settings: of the home.
        catalogue: of what is stored.
        full: every stored sum is compared with the lines, instead of those of a few months.
    """
    title = msg("Prepared numbers")
    version = catalogue.current_version()
    if not version:
        return [Check("warehouse", Level.OK, title, msg("no data yet"))]
    warehouse = Warehouse(settings, catalogue, SegmentStore(settings.segments))
    try:
        chain = warehouse.chain()
        if chain is None:
            text = msg(
                "missing for version {version}; the next question makes them", version=version
            )
            return [Check("warehouse", Level.NOTE, title, text)]
        with warehouse.reading() as (cursor, info):
            found = verify(cursor, info, months=None if full else _SAMPLE_MONTHS, seed=version)
            files = _files(settings, chain, version, info.lines)
            return [files, *_wished(info), _sums(found, full=full)]
    except PicholineError as error:
        return [Check("warehouse", Level.BROKEN, title, error.title, error.remedy)]
    finally:
        warehouse.close()


def _files(settings: Settings, chain: Chain, version: int, lines: int) -> Check:
    sizes = [(settings.warehouse / name).stat().st_size / _MEGABYTE for name in chain.files]
    text = msg_n(
        "version {version}; lines: {lines}; {n} file: {files}",
        "version {version}; lines: {lines}; {n} files: {files}",
        len(chain.files),
        version=version,
        lines=lines,
        files=", ".join(
            f"{name} ({size:.1f} MB)" for name, size in zip(chain.files, sizes, strict=True)
        ),
    )
    return Check("warehouse", Level.OK, msg("Prepared numbers"), text)


def _wished(info: WarehouseInfo) -> Iterator[Check]:
    """Say which roll-ups stand because of what was asked, and how often it was."""
    for source in info.sources:
        if source.asked:
            text = msg_n(
                "{table}: {rows} rows by {columns}; asked {n} time before it was made",
                "{table}: {rows} rows by {columns}; asked {n} times before it was made",
                source.asked,
                table=source.table,
                rows=source.rows,
                columns=", ".join(sorted(source.columns - {"line_kind"})),
            )
            yield Check("wished", Level.OK, msg("Sums made for what was asked"), text)


def _sums(found: Verified, *, full: bool) -> Check:
    title = msg("Stored sums")
    if found.differences:
        one = found.differences[0]
        return Check(
            "sums",
            Level.BROKEN,
            title,
            msg(
                "{table}: {measure} of {group} is {stored}, of the lines {lines}",
                table=one.table,
                measure=one.measure,
                group=one.group,
                stored=one.stored,
                lines=one.lines,
            ),
            msg("Delete the folder “warehouse”; it is built anew from the imported data."),
        )
    if full:
        text = msg(
            "equal to the lines; tables: {tables}, groups compared: {groups}",
            tables=found.tables,
            groups=found.groups,
        )
    else:
        text = msg(
            "equal to the lines in a sample; tables: {tables}, groups compared: {groups}",
            tables=found.tables,
            groups=found.groups,
        )
    return Check("sums", Level.OK, title, text)
