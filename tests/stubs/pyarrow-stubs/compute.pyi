# Arrow makes these functions when it is imported: a checker that reads the source sees none.
from typing import Any

def __getattr__(name: str) -> Any: ...
