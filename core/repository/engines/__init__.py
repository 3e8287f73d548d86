"""Other engines than DuckDB for the same questions: the lines are published, the SQL translated."""

from core.repository.engines.source import EngineReader, open_engine

__all__ = ["EngineReader", "open_engine"]
