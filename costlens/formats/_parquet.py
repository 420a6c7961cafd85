"""Records as a Parquet file: a column each, of the type that its values have."""

from __future__ import annotations

from io import BytesIO

from costlens.results.page import Records


def parquet(records: Records) -> bytes:
    """Return the file; ModuleNotFoundError without pyarrow."""
    from pyarrow import Table
    from pyarrow.parquet import write_table

    rows = [*records.rows]
    out = BytesIO()
    columns = {name: [row[place] for row in rows] for place, name in enumerate(records.names)}
    write_table(Table.from_pydict(columns), out)
    return out.getvalue()
