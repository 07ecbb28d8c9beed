"""`python -m simulator.bench`: how many followers a second the server gives out, on one core, over real sockets.

Pages of 200 of the five-million list, read over a keep-alive connection by a client that only follows cursors.
Prints followers per second of wall time, and per second of the server's own processor time: that one is the figure
to compare, as it does not depend on what else the machine does.
"""

import argparse
import base64
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from simulator.cast import PK_OF
from simulator.mixing import draw

CURSOR = re.compile(rb'"next_max_id":"([^"]+)"')
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Reader:
    """One keep-alive connection that pages through a list."""

    def __init__(self, port: int, account: str, seed: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.path = f"/ig/i.instagram.com/api/v1/friendships/{PK_OF[account]}/followers/"
        self.cursor = ""
        pk = PK_OF["demo_session"]
        sessionid = f"{pk}%3A{draw(seed, pk, 51):016x}%3A26%3AAYd{draw(seed, pk, 52):016x}"
        token = base64.b64encode(json.dumps({"ds_user_id": str(pk), "sessionid": sessionid}).encode()).decode()
        self.headers = f"Host: i.instagram.com\r\nAuthorization: Bearer IGT:2:{token}\r\n\r\n"

    def page(self) -> int:
        """Read one page; how many people were on it."""
        target = f"{self.path}?count=200&max_id={self.cursor}"
        self.socket.sendall(f"GET {target} HTTP/1.1\r\n{self.headers}".encode())
        data = self.socket.recv(262_144)
        end = data.index(b"\r\n\r\n") + 4
        length = int(re.search(rb"Content-Length: (\d+)", data[:end])[1])  # type: ignore[index]
        while len(data) < end + length:
            data += self.socket.recv(262_144)
        found = CURSOR.search(data)
        self.cursor = found[1].decode() if found else ""
        return data.count(b'"username"')


def processor_seconds(pid: int) -> float | None:
    """The processor time of a process so far, or None where /proc does not tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return None
    fields = stat.read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulator.bench")
    parser.add_argument("--account", default="megastar.official")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    command = [sys.executable, "-m", "simulator", "--port", "0", "--rate", "0", "--seed", str(args.seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip() if server.stdout else ""
            measure(url, server.pid, args)
        finally:
            server.terminate()


def measure(url: str, pid: int, args: argparse.Namespace) -> None:
    reader = Reader(int(url.rpartition(":")[2]), args.account, args.seed)
    reader.page()
    before, began, people, pages = processor_seconds(pid), time.perf_counter(), 0, 0
    while time.perf_counter() - began < args.seconds:
        people += reader.page()
        pages += 1
    wall, after = time.perf_counter() - began, processor_seconds(pid)
    print(f"{pages} pages of {args.account}, {people:,} followers in {wall:.2f} s: {people / wall:,.0f} followers/s")
    if before is not None and after is not None:
        spent = after - before
        print(f"server: {spent:.2f} s of processor time: {people / spent:,.0f} followers/s on one core")
    with urllib.request.urlopen(f"{url}/_control/health") as answer:  # noqa: S310 — loopback, started above
        print(f"requests answered: {json.load(answer)['requests']}")


if __name__ == "__main__":
    main()
