"""The wire oracle: the same messages are sent to PostgreSQL 15 and to the gateway, and every answer must be the same,
byte for byte, errors with all their fields.

    wire_oracle.py POSTGRESQL_PORT GATEWAY_PORT [SCRIPT ...]

No statement names a table: the scripts are about the protocol. Deliberate differences are in KNOWN, each with its reason.
Ends with 1 when there is any other difference, or when a known one has gone.
"""

import socket
import struct
import sys


def message(tag, body=b""):
    return tag.encode() + struct.pack(">I", len(body) + 4) + body


def query(text):
    return message("Q", text.encode() + b"\0")


def parse(name, text, types=()):
    oids = b"".join(struct.pack(">I", oid) for oid in types)
    return message("P", name.encode() + b"\0" + text.encode() + b"\0" + struct.pack(">H", len(types)) + oids)


def codes(formats):
    return struct.pack(">H", len(formats)) + b"".join(struct.pack(">h", code) for code in formats)


def bind(portal, statement, parameters=(), formats=(), results=()):
    body = portal.encode() + b"\0" + statement.encode() + b"\0" + codes(formats) + struct.pack(">H", len(parameters))
    for value in parameters:
        value = value.encode() if isinstance(value, str) else value
        body += struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value
    return message("B", body + codes(results))


def describe(kind, name):
    return message("D", kind.encode() + name.encode() + b"\0")


def execute(portal, rows=0):
    return message("E", portal.encode() + b"\0" + struct.pack(">i", rows))


def close(kind, name):
    return message("C", kind.encode() + name.encode() + b"\0")


SYNC = message("S")
FLUSH = message("H")


def run(text, name=""):
    """Prepares, describes, runs a statement without parameters."""
    return parse("", text) + describe("S", "") + bind("", "") + describe("P", "") + execute("") + SYNC


# Each script is a list of steps; after each step, answers are read until as many ReadyForQuery as it has Query, Sync and
# FunctionCall messages that are listened to (given where it is not one).
SCRIPTS = {
    "select": [query("select 1 as a, 'x'::text, null, 1.5, true, '2020-01-02'::date")],
    "empty": [query(""), query(";;"), query("-- c"), run("")],
    "several statements": [query("select 1; select 2"), query("select 1; selec"), query("select 1; select 1/0; select 3")],
    "extended": [parse("", "select $1::int4 + 1") + describe("S", "") + bind("", "", ["41"]) + describe("P", "") + execute("") + SYNC],
    "binary": [
        parse("", "select $1::int4 + 1, $2::text, $3::bool", (23, 25, 16)) + describe("S", "")
        + bind("", "", [struct.pack(">i", 41), "h\u00e9", b"\1"], (1, 0, 1), (1,)) + describe("P", "") + execute("") + SYNC
    ],
    "broken binary": [
        parse("", "select $1::int4") + bind("", "", [b"\0\0"], (1,)) + SYNC,
        parse("", "select $1::int4") + bind("", "", [b"\0\0\0\0\0"], (1,)) + SYNC,
        parse("", "select $1::int8") + bind("", "", [b"\0" * 9], (1,)) + SYNC,
    ],
    "broken text": [
        parse("", "select $1::int4") + bind("", "", ["x"]) + SYNC,
        parse("", "select $1::int4") + bind("p", "", ["99999999999"]) + SYNC,
        parse("", "select $1::text") + bind("", "", [b"\xc3\x28"]) + SYNC,
    ],
    "parameter counts": [
        parse("", "select $1::int4") + bind("", "") + SYNC,
        parse("s", "select 1") + bind("", "s", ["1"]) + SYNC,
        parse("", "select $2::int4") + SYNC,
        parse("", "select $1") + describe("S", "") + SYNC,
        query("select $1"),
    ],
    "format counts": [
        parse("", "select 1, 2") + bind("", "", [], (), (0, 0, 0)) + SYNC,
        parse("", "select $1::int4, $2::int4") + bind("", "", ["1", "2"], (0, 0, 0)) + SYNC,
    ],
    "format codes": [
        parse("", "select 1") + bind("", "", [], (), (7,)) + execute("") + SYNC,
        parse("", "select $1::int4") + bind("", "", ["1"], (5,)) + SYNC,
    ],
    "unknown names": [
        bind("", "nope") + SYNC, execute("nope") + SYNC, describe("S", "nope") + SYNC, describe("P", "nope") + SYNC,
        describe("S", "") + SYNC, close("S", "nope") + close("P", "nope") + SYNC,
    ],
    "names in use": [
        parse("s", "select 1") + parse("s", "select 1") + SYNC,
        bind("p", "s") + bind("p", "s") + SYNC,
        close("S", "s") + describe("S", "s") + SYNC,
        parse("", "select 1") + bind("p", "") + close("P", "p") + execute("p") + SYNC,
        parse("s", "select $1::int4") + bind("", "s", ["1"]) + bind("", "s", ["2"]) + execute("") + SYNC,
    ],
    "a portal in a block": [
        query("begin"),
        parse("", "select * from generate_series(1, 5)") + bind("c", "") + execute("c", 2) + SYNC,
        execute("c", 2) + SYNC, execute("c", 2) + SYNC, execute("c", 2) + SYNC,
        query("commit"), execute("c") + SYNC,
    ],
    "a limit met exactly": [
        parse("", "select * from generate_series(1, 2)") + bind("", "") + execute("", 2) + execute("", 2) + execute("") + SYNC
    ],
    "a portal outside": [
        (parse("s", "select * from generate_series(1, 3)") + bind("c", "s") + execute("c", 1) + SYNC + execute("c", 1) + SYNC, 2)
    ],
    "a negative limit": [parse("", "select * from generate_series(1, 2)") + bind("", "") + execute("", -1) + SYNC],
    "after an error": [
        (parse("", "select 1/0") + bind("", "") + execute("") + parse("x", "select 1") + query("select 9") + SYNC, 1),
        query("select 2"),
        parse("", "select 1; select 2") + SYNC,
    ],
    "transactions": [
        query("begin"), query("begin"), query("select 1/0"), query("select 1"), query("commit"), query("commit"),
        query("rollback"), query("start transaction"), query("end"),
    ],
    "savepoints": [
        query("begin; select 1"), query("savepoint a"), query("select 1/0"), query("rollback to a"), query("release a"),
        query("rollback to a"), query("end"), query("savepoint a"), query("rollback to a"), query("release a"),
    ],
    "chains": [
        query("rollback and chain"), query("commit and chain"),
        query("start transaction isolation level serializable read only"), query("show transaction_isolation"),
        query("show transaction_read_only"), query("commit and chain"), query("show transaction_isolation"),
        query("rollback"), query("abort"),
    ],
    "a failed block": [
        parse("s", "select 1") + parse("c", "commit") + SYNC,
        query("begin"), parse("", "select 1/0") + bind("", "") + execute("") + SYNC,
        parse("", "select 1") + SYNC, describe("S", "s") + SYNC, bind("", "s") + SYNC,
        bind("", "c") + describe("P", "") + execute("") + SYNC,
    ],
    "implicit blocks": [
        query("begin; select 1/0"), query("rollback"), query("select 1; begin; select 2"), query("commit; select 3"),
        query("select 1; commit; select 2"),
    ],
    "settings": [
        query("set application_name = 'abc'"), query("show application_name"), query("begin"),
        query("set local application_name = 'x'"), query("show application_name"), query("rollback"),
        query("show application_name"), query("set nope = 1"), query("set local timezone = 'UTC'"), query("reset all"),
        query("show nope"), query("begin; set timezone = 'Europe/Paris'; rollback; show timezone"),
        query("set datestyle = 'German'"), query("select '2020-01-02'::date"), query("discard all"), query("begin"),
        query("discard all"), query("rollback"),
    ],
    "settings, extended": [run("show timezone"), parse("", "show all") + describe("S", "") + SYNC, run("set timezone = 'UTC'")],
    "read only": [
        query("begin read only"), query("set transaction read write"), query("rollback"),
        query("set session characteristics as transaction read only"), query("show default_transaction_read_only"),
        query("set session characteristics as transaction read write"),
    ],
    "PREPARE": [
        query("prepare a as select $1::int4 + 1"), query("execute a(41)"), query("execute a('x')"), query("execute a"),
        query("prepare a as select 1"), query("deallocate a"), query("deallocate a"), query("execute a(1)"),
        query("prepare b(text) as select $1"), query("execute b('hi')"), query("deallocate all"),
        query("deallocate prepare b"),
    ],
    "PREPARE, extended": [
        query("prepare a as select $1::int4 + 1"),
        describe("S", "a") + bind("", "a", ["1"]) + execute("") + SYNC,
        run("execute a(2)"),
    ],
    "cursors": [
        query("declare c cursor for select 1"),
        query("begin; declare c cursor for select * from generate_series(1, 5)"), query("fetch 2 from c"),
        query("fetch next c"), query("move 1 in c"), query("fetch all from c"), query("fetch 0 from c"), query("close c"),
        query("close c"), query("rollback"),
    ],
    "cursors as portals": [
        query("begin"), query("declare c cursor for select * from generate_series(1, 3)"), execute("c", 2) + SYNC,
        describe("P", "c") + SYNC,
        parse("", "fetch 1 from c") + bind("", "", [], (), (1,)) + describe("P", "") + execute("") + SYNC,
        query("commit"), query("fetch 1 from c"),
    ],
    "cursors that are held": [
        query("begin; declare c cursor with hold for select * from generate_series(1, 3); commit"),
        query("fetch 2 from c"), query("close all"), query("fetch 1 from c"),
        query("begin; declare c binary cursor for select 258; fetch c; commit"),
    ],
    "flush": [parse("", "select 1") + FLUSH + bind("", "") + FLUSH + execute("") + FLUSH + SYNC],
    "positions": [query("select 1,\n  nope"), parse("", "select 1 from") + SYNC],
    "tags": [query("select 1 where false"), query("values (1), (2)"), query("unlisten *")],
    "broken messages": [
        message("d", b"x") + message("c") + message("f", b"x\0") + query("select 1"),
        message("D", b"Xa\0") + SYNC, message("C", b"Xa\0") + SYNC,
        message("Q", b"select 1"), message("Q", b"select 1\0x"), message("S", b"zz"), query("select 4"),
        message("Q", b"select '\xc3\x28'\0"), message("P", b"\0select '\xff'\0\0\0") + SYNC,
    ],
    "a broken bind": [message("B", b"\0\0\x7f\xff") + SYNC],
    "function calls": [message("F", b"\0\0\0\1\0\0\0\0\0\0"), message("F", b"\0\0\0\xb1\0\0\0\2\0\0\0\0011\0\0\0\0012\0\0")],
}

KNOWN = {
    "a broken bind": "PostgreSQL looks the statement up before it has read the message to its end",
}


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.settimeout(10)
        self.received = b""
        body = b"user\0postgres\0database\0postgres\0\0"
        self.socket.sendall(struct.pack(">II", len(body) + 8, 3 << 16) + body)
        self.answers(1)

    def next(self):
        while len(self.received) < 5 or len(self.received) <= struct.unpack(">I", self.received[1:5])[0]:
            some = self.socket.recv(65536)
            if not some:
                return None
            self.received += some
        length = struct.unpack(">I", self.received[1:5])[0]
        tag, body = self.received[:1].decode(), self.received[5:length + 1]
        self.received = self.received[length + 1:]
        return tag, body

    def answers(self, ready):
        """Messages until the connection is ready so many times."""
        answers = []
        while ready:
            try:
                answer = self.next()
            except socket.timeout:
                return answers + ["silence"]
            if answer is None:
                return answers + ["closed"]
            tag, body = answer
            if tag in "EN":
                fields = {field[:1].decode(): field[1:].decode() for field in body.split(b"\0") if field}
                # Where in PostgreSQL's source an error was raised is nobody's business.
                body = {code: text for code, text in fields.items() if code not in "FLR"}
            answers.append((tag, body))
            ready -= tag == "Z"
        return answers


def played(steps, port):
    connection = Connection(port)
    for step in steps:
        sent, ready = step if isinstance(step, tuple) else (step, 1)
        connection.socket.sendall(sent)
        yield connection.answers(ready)
    connection.socket.close()


def main():
    postgresql, gateway, wanted = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    failures = 0
    for name, steps in SCRIPTS.items():
        if wanted and name not in wanted:
            continue
        different = False
        for number, (theirs, ours) in enumerate(zip(played(steps, postgresql), played(steps, gateway))):
            if theirs == ours:
                continue
            different = True
            if name not in KNOWN:
                print(f"{name}, step {number}:\n  PostgreSQL {theirs}\n  gateway    {ours}")
        if different != (name in KNOWN):
            failures += 1
            if not different:
                print(f"{name}: a known difference has gone ({KNOWN[name]})")
    print(f"{len(wanted or SCRIPTS)} scripts, {failures} with differences nobody expects")
    sys.exit(failures > 0)


main()
