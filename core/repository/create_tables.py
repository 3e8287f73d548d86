"""Tables of the catalogue are created where they are missing."""

from functools import cache

from sqlalchemy import Engine, Table, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel


def create_missing(engine: Engine) -> None:
    """Create the tables that a catalogue lacks, with their indexes.

    For SQLite they are worded once per process and what exists is asked in one question:
    every command opens its home this way, and a home may be new.
    """
    if engine.dialect.name != sqlite.dialect.name:
        SQLModel.metadata.create_all(engine)
        return
    with engine.begin() as connection:
        there = set(inspect(connection).get_table_names())
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in there:
                for statement in _worded(table):
                    connection.exec_driver_sql(statement)


@cache
def _worded(table: Table) -> tuple[str, ...]:
    """Return what creates a table in SQLite; another process may be doing so as well."""
    dialect = sqlite.dialect()
    parts = [
        CreateTable(table, if_not_exists=True),
        *(
            CreateIndex(i, if_not_exists=True)
            for i in sorted(table.indexes, key=lambda i: str(i.name))
        ),
    ]
    return tuple(str(part.compile(dialect=dialect)) for part in parts)
