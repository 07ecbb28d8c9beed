"""`python -m simulator`: starts the server and prints one line with its URL when it is ready."""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
from pathlib import Path

from simulator.app import App
from simulator.clock import parse_date
from simulator.stage import Options, Stage
from simulator.wire import Connection


def parse_args(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A simulated Instagram.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099, help="0 picks a free one")
    parser.add_argument("--port-file", type=Path, help="write the port to this file when ready")
    parser.add_argument("--seed", type=int, default=1, help="which world")
    parser.add_argument("--start-date", type=parse_date, help="ISO date of the world's first day (default: now)")
    parser.add_argument("--rate", type=float, default=1.0, help="simulated seconds per second (0: the clock stands)")
    parser.add_argument("--churn-step", type=int, default=86_400, help="lists change every so many simulated seconds")
    parser.add_argument("--dirty-text", action="store_true", help="also names with NUL and lone surrogates")
    parser.add_argument("--web-lists", choices=("live", "dead"), default="live", help="dead: 200, the count, nobody")
    parser.add_argument("--page-cap", type=int, default=200, help="most people on a page of a list")
    parser.add_argument("--state", type=Path, help="keep sessions, writes and the clock in this file")
    parser.add_argument("--log-file", type=Path, help="append every request to this file, one JSON object a line")
    return parser.parse_args(argv)


def options_of(args: argparse.Namespace) -> Options:
    options = Options(
        seed=args.seed,
        rate=args.rate,
        churn_step=args.churn_step,
        is_dirty=args.dirty_text,
        web_lists=args.web_lists,
        page_cap=args.page_cap,
        state=args.state,
        log_file=args.log_file,
    )
    if args.start_date is not None:
        options.start = args.start_date
    return options


async def serve(args: argparse.Namespace) -> None:
    """Until SIGINT or SIGTERM."""
    stage = Stage(options_of(args))
    app, live = App(stage), set[Connection]()
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(lambda: Connection(app, live), args.host, args.port)
    port = server.sockets[0].getsockname()[1]
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    if args.port_file is not None:
        args.port_file.write_text(str(port), encoding="ascii")
    gc.freeze()
    print(f"http://{args.host}:{port}", flush=True)
    try:
        await stop.wait()
    finally:
        server.close()
        for connection in list(live):
            if connection.transport is not None:
                connection.transport.abort()
        stage.save()
        stage.log.close()


def main() -> int:
    args = parse_args(sys.argv[1:])
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(args))
    except OSError as error:
        print(f"The simulator cannot listen on {args.host}:{args.port}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
