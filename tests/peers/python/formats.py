"""Files of other libraries for our readers, and what other libraries read in our files.

formats.py write FOLDER   writes one file a format, with pyarrow, fastavro, pandas and json
formats.py read FOLDER    prints what they read in our files, column by column, as Kusto spells values
formats.py public FOLDER  prints the test files that come with pyarrow, and how many rows each has
"""

import csv
import datetime
import decimal
import json
import pathlib
import sys
import uuid

import fastavro
import pandas
import pyarrow
import pyarrow.orc
import pyarrow.parquet

decimal.getcontext().prec = 60
MAX = sys.float_info.max
NINES = decimal.Decimal("999999999999999999999999.9999999999")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
NESTED = {"a": [1, {"b": None}], "\U0001F600": "q\"\\"}


def day(*parts):
    return datetime.datetime(*parts, tzinfo=datetime.timezone.utc)


# Every type of Kusto at its bounds: null, empty, lowest, highest, not a number and infinities, seven digits.
BOOLS = [None, False, True, True, False, None, True]
INTS = [None, 0, -(2**31), 2**31 - 1, 1, None, -1]
LONGS = [None, 0, -(2**63), 2**63 - 1, 2**53 + 1, None, -1]
REALS = [None, 0.0, -MAX, MAX, float("nan"), float("inf"), float("-inf")]
DECIMALS = [None, decimal.Decimal("0E-10"), -NINES, NINES, decimal.Decimal("1E-10"), None, decimal.Decimal("-0.5000000000")]
MOMENTS = [
    None,
    day(1, 1, 1),
    day(1, 1, 1, 0, 0, 0, 1),
    day(9999, 12, 31, 23, 59, 59, 999999),
    day(2020, 1, 2, 3, 4, 5, 123456),
    None,
    day(1969, 12, 31, 23, 59, 59, 999999),
]
# Nanoseconds since 1970, in steps of 100.
TICKS = [None, 0, -9_223_372_036_854_775_800, 9_223_372_036_854_775_800, 1_577_934_245_123_456_700, None, -100]
# Nanoseconds of a day.
TIMES = [None, 0, 100, 86_399_999_999_900, 45_296_789_012_300, None, 100_000_000]
SPANS = [
    None,
    "00:00:00",
    "-10675199.02:48:05.4775808",
    "10675199.02:48:05.4775807",
    "12:34:56.7890123",
    None,
    "-00:00:00.0000001",
]
TEXTS = [None, "", "a\"b,c\td\r\ne", "\U0001F600 \u00e9 \u6f22", " lead", "null", "x" * 10]
GUIDS = [
    None,
    uuid.UUID(int=0),
    uuid.UUID(int=2**128 - 1),
    uuid.UUID("74be27de-1e4e-49d9-b579-fe0b331d3642"),
    None,
    uuid.UUID(int=1),
    uuid.UUID(int=2),
]
DYNAMICS = [None, {}, [], NESTED, "text", 2**53 + 1, -0.5]


def as_json(value):
    return None if value is None else json.dumps(value, ensure_ascii=False)


def as_iso(moment):
    return None if moment is None else moment.isoformat()


def as_real(number):
    """A number as JSON and CSV of Kusto have it."""
    if number is None or number - number == 0:
        return number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"


def ticks_as_iso(nanoseconds):
    if nanoseconds is None:
        return None
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{(EPOCH + datetime.timedelta(seconds=seconds)).isoformat()[:19]}.{rest // 100:07}Z"


def times_as_text(nanoseconds):
    if nanoseconds is None:
        return None
    seconds, rest = divmod(nanoseconds, 10**9)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest // 100:07}"


def arrow_table():
    rows = range(len(BOOLS))
    point = pyarrow.struct([("p", pyarrow.int64()), ("q", pyarrow.list_(pyarrow.map_(pyarrow.string(), pyarrow.float64())))])
    points = [None if at == 0 else {"p": at, "q": [[("k", 0.5)], [], None][: at % 4]} for at in rows]
    return pyarrow.table(
        {
            "b": pyarrow.array(BOOLS, pyarrow.bool_()),
            "i": pyarrow.array(INTS, pyarrow.int32()),
            "l": pyarrow.array(LONGS, pyarrow.int64()),
            "r": pyarrow.array(REALS, pyarrow.float64()),
            "m": pyarrow.array(DECIMALS, pyarrow.decimal128(34, 10)),
            "t": pyarrow.array(MOMENTS, pyarrow.timestamp("us", "UTC")),
            "n": pyarrow.array(TICKS, pyarrow.timestamp("ns")),
            "o": pyarrow.array(TIMES, pyarrow.time64("ns")),
            "x": pyarrow.array(TEXTS, pyarrow.string()),
            "g": pyarrow.array([guid and guid.bytes for guid in GUIDS], pyarrow.uuid()),
            "d": pyarrow.array([as_json(value) for value in DYNAMICS], pyarrow.json_()),
            "z": pyarrow.array(points, point),
        }
    )


AVRO = {
    "type": "record",
    "name": "row",
    "fields": [
        {"name": "b", "type": ["null", "boolean"]},
        {"name": "i", "type": ["null", "int"]},
        {"name": "l", "type": ["null", "long"]},
        {"name": "r", "type": ["null", "double"]},
        {"name": "m", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 34, "scale": 10}]},
        {"name": "t", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "n", "type": ["null", "string"]},
        {"name": "s", "type": ["null", "string"]},
        {"name": "x", "type": ["null", "string"]},
        {"name": "g", "type": ["null", {"type": "string", "logicalType": "uuid"}]},
        {"name": "d", "type": ["null", "string"]},
        {
            "name": "z",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "point",
                    "fields": [
                        {"name": "p", "type": "long"},
                        {"name": "q", "type": {"type": "array", "items": ["null", {"type": "map", "values": "double"}]}},
                    ],
                },
            ],
        },
    ],
}


def avro_rows():
    for at in range(len(BOOLS)):
        yield {
            "b": BOOLS[at],
            "i": INTS[at],
            "l": LONGS[at],
            "r": REALS[at],
            "m": DECIMALS[at],
            "t": MOMENTS[at],
            "n": ticks_as_iso(TICKS[at]),
            "s": SPANS[at],
            "x": TEXTS[at],
            "g": GUIDS[at],
            "d": as_json(DYNAMICS[at]),
            "z": None if at == 0 else {"p": at, "q": [{"k": 0.5}, {}, None][: at % 4]},
        }


def text_columns():
    return {
        "b": BOOLS,
        "i": INTS,
        "l": LONGS,
        "r": [as_real(number) for number in REALS],
        "m": [None if number is None else str(number) for number in DECIMALS],
        "t": [as_iso(moment) for moment in MOMENTS],
        "n": [ticks_as_iso(ticks) for ticks in TICKS],
        "s": SPANS,
        "x": TEXTS,
        "g": [guid and str(guid) for guid in GUIDS],
        "d": [as_json(value) for value in DYNAMICS],
    }


def write(folder):
    table = arrow_table()
    for codec in ["none", "snappy", "gzip", "brotli", "lz4", "zstd"]:
        for version in ["1.0", "2.0"]:
            path = folder / f"{codec}-{version}.parquet"
            pyarrow.parquet.write_table(table, path, compression=codec, data_page_version=version, row_group_size=3)
    plain = {"use_dictionary": False, "column_encoding": {"x": "DELTA_BYTE_ARRAY", "l": "DELTA_BINARY_PACKED", "r": "BYTE_STREAM_SPLIT"}}
    pyarrow.parquet.write_table(table, folder / "encoded.parquet", **plain)
    pyarrow.parquet.write_table(table.select(["n"]), folder / "int96.parquet", use_deprecated_int96_timestamps=True)
    pandas.DataFrame({"l": pandas.array(LONGS, dtype="Int64"), "x": TEXTS}).to_parquet(folder / "pandas.parquet")
    for codec in ["null", "deflate", "snappy"]:
        with open(folder / f"{codec}.avro", "wb") as file:
            fastavro.writer(file, fastavro.parse_schema(AVRO), avro_rows(), codec=codec)
    columns = text_columns()
    frame = pandas.DataFrame({name: pandas.Series(values, dtype=object) for name, values in columns.items()})
    frame.to_csv(folder / "rows.csv", index=False, header=False)
    frame.to_csv(folder / "rows.tsv", index=False, header=False, sep="\t", quoting=csv.QUOTE_ALL)
    with open(folder / "rows.json", "w", encoding="utf-8") as file:
        for at in range(len(BOOLS)):
            row = {name: values[at] for name, values in columns.items()}
            # Escaped as pairs of surrogates.
            file.write(json.dumps({**row, "d": DYNAMICS[at]}) + "\n")
    orc = table.drop(["r", "n", "o", "g", "d"])
    orc = orc.append_column("r", pyarrow.array(REALS, pyarrow.float64()))
    orc = orc.append_column("n", pyarrow.array(TICKS, pyarrow.timestamp("ns")))
    orc = orc.append_column("d", pyarrow.array([as_json(value) for value in DYNAMICS], pyarrow.string()))
    for codec in ["uncompressed", "zlib", "snappy", "lz4", "zstd"]:
        pyarrow.orc.write_table(orc, folder / f"{codec}.orc", compression=codec)


def spelled(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(as_real(value)) if value - value != 0 else repr(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, datetime.datetime):
        # Moments without a zone are in UTC, as all of Kusto's are.
        return value.replace(tzinfo=None).strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0") + "0Z"
    return str(value)


def parquet_column(column):
    if pyarrow.types.is_timestamp(column.type):
        nanoseconds = {"us": 1000, "ns": 1}[column.type.unit]
        if nanoseconds == 1:
            return [ticks_as_iso(value.value) or "" for value in column]
    return [spelled(value) for value in column.to_pylist()]


def read(folder):
    table = pyarrow.parquet.read_table(folder / "ours.parquet")
    parquet = {name: parquet_column(table.column(name)) for name in table.column_names}
    with open(folder / "ours.avro", "rb") as file:
        rows = list(fastavro.reader(file))
    avro = {name: [spelled(row[name]) for row in rows] for name in rows[0]}
    frame = pandas.read_csv(folder / "ours.csv", header=None, dtype=str, keep_default_na=False)
    text = {str(at): list(frame[at]) for at in frame.columns}
    with open(folder / "ours.json", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    lines = {name: [spelled(row[name]) for row in rows] for name in rows[0]}
    print(json.dumps({"parquet": parquet, "avro": avro, "csv": text, "json": lines}))


def public(_):
    """The test files that come with pyarrow, and how many rows it reads in each."""
    files = []
    data = pathlib.Path(pyarrow.__file__).parent / "tests" / "data"
    for path in sorted(data.glob("parquet/*.parquet")):
        files.append([str(path), pyarrow.parquet.read_metadata(path).num_rows])
    for path in sorted(data.glob("orc/*.orc")):
        files.append([str(path), pyarrow.orc.ORCFile(path).nrows])
    print(json.dumps(files))


{"write": write, "read": read, "public": public}[sys.argv[1]](pathlib.Path(sys.argv[2]))
