"""Just enough protobuf to make good and bad envelopes, and to read a reason out of an answer."""


def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def num(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    if isinstance(value, str):
        value = value.encode()
    return varint(field << 3 | 2) + varint(len(value)) + value


def envelope(body_field, body, version=1):
    return num(1, version) + data(body_field, body)


def record(incident):
    return data(10, incident)


def submit(*records, session=b"S" * 16, batch=1, source=None, token=None, extra=b""):
    body = data(1, session) + num(2, batch) + num(3, 1)
    if source is not None:
        body += data(4, source)
    for r in records:
        body += data(5, r)
    if token is not None:
        body += data(8, token)
    return envelope(10, body + extra)


def fetch(stream, from_seq=1, most=0, wait_ms=0, request=1):
    return envelope(12, num(1, request) + num(2, stream) + num(3, from_seq) + num(5, most) + num(6, wait_ms))


def fields(b):
    """(field, value) of one level; what is cut off ends it."""
    i = 0

    def read():
        nonlocal i
        n = shift = 0
        while True:
            c = b[i]
            i += 1
            n |= (c & 0x7F) << shift
            shift += 7
            if c < 0x80:
                return n

    while i < len(b):
        key = read()
        kind = key & 7
        if kind == 0:
            yield key >> 3, read()
        elif kind == 2:
            n = read()
            yield key >> 3, b[i : i + n]
            i += n
        elif kind == 1:
            yield key >> 3, b[i : i + 8]
            i += 8
        else:
            yield key >> 3, b[i : i + 4]
            i += 4


def say(b):
    """An answer of a daemon in words: refusal, receipts (status and reason of each), records."""
    for f, body in fields(b):
        if f == 15:
            return "refusal: " + dict(fields(body)).get(1, b"").decode()
        if f == 11:
            words = {1: "stored", 2: "duplicate", 3: "rejected", 4: "retry"}
            out = []
            for g, v in fields(body):
                if g == 4:
                    r = dict(fields(v))
                    out.append(words.get(r.get(1), "?") + " " + r.get(4, b"").decode())
                if g == 5:
                    out.append("resend from %d" % v)
                if g == 10:
                    out.append("reason " + v.decode())
            return "receipts: " + "; ".join(out)
        if f == 13:
            error = dict(fields(body)).get(7)
            return "records: " + (error.decode() if error else "%d" % sum(g == 4 for g, _ in fields(body)))
    return "?"
