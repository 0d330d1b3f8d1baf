"""The everyday paths of PostgreSQL's Python drivers and of SQLAlchemy's reflection, against a server of our own.

What Aurora DSQL refuses (savepoints, cursors declared in SQL, RESET of a pool's connections by UNLISTEN) is left out or expected to be refused.
"""

import asyncio
import datetime
import decimal
import io
import json
import subprocess
import sys
import uuid

import asyncpg
import pg8000.dbapi
import pg8000.native
import psycopg
import sqlalchemy
from psycopg.types.json import Jsonb
from sqlalchemy.dialects import postgresql

SCHEMA = "drivers"
COLUMNS = (
    "id int PRIMARY KEY, t text, n numeric, d date, ts timestamp, b bool, x bytea, u uuid, f float8, j jsonb, i interval, tz timestamptz, tm time"
)
UTC = datetime.timezone.utc
ROW = (
    1,
    "x",
    decimal.Decimal("1.50"),
    datetime.date(2024, 1, 2),
    datetime.datetime(2024, 1, 2, 3, 4, 5, 678901),
    True,
    b"\x01\x02",
    uuid.UUID(int=5),
    1.5,
    {"a": [1]},
    datetime.timedelta(days=1, seconds=5),
    datetime.datetime(2024, 1, 1, tzinfo=UTC),
    datetime.time(1, 2, 3),
)


def with_psycopg(host, port):
    with psycopg.connect(host=host, port=port, user="admin", dbname="postgres", sslmode="disable", autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"SET search_path = {SCHEMA}")
        connection.execute(f"CREATE TABLE p ({COLUMNS})")
        connection.autocommit = False
        values = [Jsonb(value) if isinstance(value, dict) else value for value in ROW]
        connection.execute("INSERT INTO p VALUES (" + ", ".join(["%s"] * len(ROW)) + ")", values)
        connection.commit()
        for binary in (False, True):
            with connection.cursor(binary=binary) as cursor:
                assert cursor.execute("SELECT * FROM p").fetchone() == ROW, binary
        cursor = connection.cursor()
        cursor.executemany("INSERT INTO p (id, t) VALUES (%s, %s)", [(number, "many") for number in range(2, 50)])
        with cursor.copy("COPY p (id, t) FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "text"])
            for number in range(100, 110):
                copy.write_row((number, "copied"))
        with cursor.copy("COPY (SELECT id, t FROM p WHERE id >= 100 ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "text"])
            assert list(copy.rows())[0] == (100, "copied")
        with connection.pipeline():
            first, second = connection.execute("SELECT 1"), connection.execute("SELECT %s::text", ("z",))
        assert (first.fetchone(), second.fetchone()) == ((1,), ("z",))
        assert sum(row[0] for row in cursor.stream("SELECT generate_series(1, 100)")) == 5050
        assert connection.execute("SELECT %s::int[], 2 = ANY(%s)", ([1, None], [1, 2])).fetchone() == ([1, None], True)
        try:
            connection.execute("SELECT * FROM nowhere")
            raise AssertionError("a table that is not there")
        except psycopg.errors.UndefinedTable as error:
            assert error.diag.statement_position == "15"
        connection.rollback()
        try:
            with connection.transaction(), connection.transaction():
                raise AssertionError("a savepoint")
        except psycopg.errors.FeatureNotSupported:
            pass


async def with_asyncpg(host, port):
    connection = await asyncpg.connect(host=host, port=port, user="admin", database="postgres", ssl=False)
    await connection.execute(f"SET search_path = {SCHEMA}")
    await connection.execute(f"CREATE TABLE a ({COLUMNS})")
    insert = await connection.prepare("INSERT INTO a VALUES (" + ", ".join(f"${n}" for n in range(1, len(ROW) + 1)) + ") RETURNING *")
    values = [json.dumps(value) if isinstance(value, dict) else value for value in ROW]
    assert tuple(await insert.fetchrow(*values)) == tuple(values)
    await connection.executemany("INSERT INTO a (id, t) VALUES ($1, $2)", [(number, "many") for number in range(2, 20)])
    async with connection.transaction():
        assert len([row async for row in connection.cursor("SELECT id FROM a ORDER BY id")]) == 19
    await connection.copy_records_to_table("a", records=[(100, "c")], columns=["id", "t"], schema_name=SCHEMA)
    copied = io.BytesIO()
    await connection.copy_from_query("SELECT id FROM a WHERE id = ANY($1::int[])", [100], output=copied)
    assert copied.getvalue() == b"100\n"
    assert (await connection.fetchval("SELECT a FROM a WHERE id = 100"))["t"] == "c"
    assert await connection.fetchval("SELECT ROW(1, 'x')") == (1, "x")
    try:
        await connection.fetch("SELECT 1 / 0")
        raise AssertionError("a division by zero")
    except asyncpg.DivisionByZeroError:
        pass
    await connection.close()


def with_pg8000(host, port):
    connection = pg8000.native.Connection("admin", host=host, port=port, database="postgres")
    connection.run(f"SET search_path = {SCHEMA}")
    connection.run("CREATE TABLE e (id int PRIMARY KEY, j jsonb)")
    connection.run("INSERT INTO e VALUES (:id, :j)", id=1, j=json.dumps({"q": 1}))
    assert connection.run("SELECT * FROM e") == [[1, {"q": 1}]]
    connection.close()


def with_sqlalchemy(driver, host, port):
    engine = sqlalchemy.create_engine(f"postgresql+{driver}://admin@{host}:{port}/postgres", **({} if driver == "pg8000" else {"use_native_hstore": False}))
    table = sqlalchemy.Table(
        f"item_{driver}",
        sqlalchemy.MetaData(schema=SCHEMA),
        sqlalchemy.Column("id", sqlalchemy.Uuid, primary_key=True, server_default=sqlalchemy.text("gen_random_uuid()")),
        sqlalchemy.Column("name", sqlalchemy.String(50), nullable=False, unique=True),
        sqlalchemy.Column("quantity", sqlalchemy.Integer, server_default="5"),
        sqlalchemy.Column("price", sqlalchemy.Numeric(10, 2)),
        sqlalchemy.Column("document", postgresql.JSONB),
        sqlalchemy.CheckConstraint("quantity >= 0", name=f"quantity_{driver}"),
    )
    with engine.begin() as connection:
        table.create(connection)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"name": "a", "price": decimal.Decimal("1.5"), "document": {"x": 1}}])
        assert connection.execute(table.insert().values(name="b").returning(table.c.id, table.c.quantity)).one().quantity == 5
        upsert = postgresql.insert(table).values(name="a", quantity=9)
        connection.execute(upsert.on_conflict_do_update(index_elements=["name"], set_={"quantity": 9}))
    with engine.connect() as connection:
        found = sqlalchemy.select(table.c.name, table.c.quantity).where(table.c.document["x"].as_integer() == 1)
        assert connection.execute(found).one() == ("a", 9)
    inspector = sqlalchemy.inspect(engine)
    columns = {column["name"]: column for column in inspector.get_columns(table.name, schema=SCHEMA)}
    assert str(columns["price"]["type"]) == "NUMERIC(10, 2)" and not columns["name"]["nullable"]
    assert inspector.get_pk_constraint(table.name, schema=SCHEMA)["constrained_columns"] == ["id"]
    assert [unique["column_names"] for unique in inspector.get_unique_constraints(table.name, schema=SCHEMA)] == [["name"]]
    assert [check["name"] for check in inspector.get_check_constraints(table.name, schema=SCHEMA)] == [f"quantity_{driver}"]
    reflected = sqlalchemy.MetaData()
    reflected.reflect(engine, schema=SCHEMA)
    assert f"{SCHEMA}.{table.name}" in reflected.tables
    engine.dispose()


def main():
    arguments = [sys.argv[1], "serve", "--memory", "--listen", "127.0.0.1:0", "--auth", "trust", "--allow-plaintext"]
    server = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        ready = server.stdout.readline()
        host, port = dict(word.split("=", 1) for word in ready.split()[1:])["postgres"].rsplit(":", 1)
        with_psycopg(host, port)
        asyncio.run(with_asyncpg(host, port))
        with_pg8000(host, port)
        for driver in ("psycopg", "pg8000"):
            with_sqlalchemy(driver, host, port)
        print("drivers: psycopg, asyncpg, pg8000, SQLAlchemy: passed")
    finally:
        server.terminate()
        server.wait()


main()
