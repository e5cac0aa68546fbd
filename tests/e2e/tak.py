"""A TAK client for the tests: events in XML and in protobuf, connections plain and under TLS, and a
stranger who watches what the other end says."""

import re
import socket
import ssl
import struct
import time
from datetime import datetime, timezone

from pb import data, num, varint

BASE = 1700000000.0  # seconds; events of the tests are set near it, so that a resend is the same


def stamp(at):
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event(uid, remarks="", type="a-h-G-U-C-I", lat=14.5, lon=-4.2, at=BASE, how="h-g-i-g-o", callsign="mark", head=True):
    t = stamp(at)
    return (
        ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' if head else "")
        + f'<event version="2.0" uid="{uid}" type="{type}" time="{t}" start="{t}" stale="{stamp(at + 60)}" how="{how}">'
        f'<point lat="{lat}" lon="{lon}" hae="0" ce="25" le="9999999"/>'
        f'<detail><contact callsign="{callsign}"/><remarks>{remarks}</remarks></detail></event>'
    ).encode()


def auth(name, token):
    return f'<auth><cot username="{name}" password="{token}" uid="ANDROID-1"/></auth>'.encode()


def ping(uid):
    return event(uid, type="t-x-c-t")


def request(version=1):
    return event("ANDROID-1", type="t-x-takp-q").replace(
        b"<remarks></remarks>", b'<TakControl><TakRequest version="%d"/></TakControl>' % version
    )


def double(field, value):
    return varint(field << 3 | 1) + struct.pack("<d", value)


def frame(message):
    return b"\xbf" + varint(len(message)) + message


def proto(uid, remarks="", type="a-h-G-U-C-I", lat=14.5, lon=-4.2, at=BASE, callsign="mark"):
    ms = int(at * 1000)
    detail = data(1, f"<remarks>{remarks}</remarks>") + data(2, data(2, callsign))
    return frame(
        data(
            2,
            data(1, type) + data(5, uid) + num(6, ms) + num(7, ms) + num(8, ms + 60000) + data(9, "h-g-i-g-o")
            + double(10, lat) + double(11, lon) + double(13, 25.0) + data(15, detail),
        )
    )


class Client:
    def __init__(self, port, ca=None, cert=None, wait=10):
        self.raw = socket.create_connection(("127.0.0.1", int(port)), wait)
        self.s = self.raw
        self.got = b""
        if ca:
            ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            ctx.check_hostname = False
            ctx.load_verify_locations(ca)
            if cert:
                ctx.load_cert_chain(cert)
            self.s = ctx.wrap_socket(self.raw)

    def send(self, *parts):
        for p in parts:
            self.s.sendall(p)

    def until(self, pattern, seconds=15):
        """Reads on until the pattern (bytes) stands in what came; the match, None when it never came."""
        end = time.monotonic() + seconds
        while True:
            m = re.search(pattern, self.got, re.S)
            if m or time.monotonic() >= end:
                return m
            self.s.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = self.s.recv(65536)
            except OSError:
                return None
            if not more:
                return None
            self.got += more

    def closed(self, seconds=15):
        """Does the other end close within that time?"""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.s.settimeout(max(0.01, end - time.monotonic()))
            try:
                more = self.s.recv(65536)
            except TimeoutError:
                return False
            except OSError:
                return True
            if not more:
                return True
            self.got += more
        return False

    def round_trip(self, uid, seconds=15):
        """Seconds until a ping is answered, by which time all that was sent before it is stored."""
        t = time.monotonic()
        self.send(ping(uid))
        if not self.until(b'uid="%s" type="t-x-c-t-r"' % uid.encode(), seconds):
            return None
        return time.monotonic() - t

    def close(self):
        self.s.close()
