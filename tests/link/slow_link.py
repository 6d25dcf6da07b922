#!/usr/bin/env python3
"""A TCP proxy that behaves like a poor line: a bit rate, a round trip, and resets.

Usage: slow_link.py --to HOST:PORT [--listen PORT] [--rate BITS] [--round-trip-ms MS] [--reset-s S]
Prints the port on which it listens, then forwards until its standard input ends.

The line has one rate for each direction, shared by all connections in the order in which their bytes come. A byte
leaves when the line is free and arrives half a round trip later. What waits for the line is bounded, so that a sender is held
back as by a full modem. A reset ends every connection at once by RST; what was on its way is lost.
"""

import argparse
import asyncio
import dataclasses
import socket
import struct
import sys
import threading

PACKET_BYTES = 1400
# What one connection may have on the line and in its queue, for each direction.
QUEUE_BYTES = 16 << 10
# Small buffers, so that what waits does so here, where it is counted.
SOCKET_BUFFER_BYTES = 8 << 10


@dataclasses.dataclass
class Line:
    """Options of the line; a rate, round trip or interval of 0 is none."""
    rate_bits_per_s: float = 0
    round_trip_ms: float = 0
    reset_s: float = 0


class Direction:
    """One direction of the line: when bytes that come now have left it."""

    def __init__(self):
        self.free_at = 0.0
        self.bytes = 0

    def pass_on(self, now, size, rate_bits_per_s):
        self.bytes += size
        self.free_at = max(now, self.free_at) + (size * 8 / rate_bits_per_s if rate_bits_per_s else 0)
        return self.free_at


class SlowLink:
    """The proxy, in a thread of its own. Its line can be changed while it runs."""

    def __init__(self, to, port=0, line=None):
        self.to = to
        self.wanted_port = port
        self.line = line or Line()
        self.up, self.down = Direction(), Direction()
        self.port = None
        self.resets = 0
        self.accepted = 0
        self._writers = set()
        self._loop = None
        self._started = threading.Event()
        self._failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        self._started.wait()
        if self._failure:
            raise self._failure
        return self

    def stop(self):
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def change(self, line):
        """Another line from now on. Connections stay; what waited leaves at the new rate."""
        def apply():
            self.line = line
            self.up.free_at = self.down.free_at = 0.0
            self._changed.set()
        self._loop.call_soon_threadsafe(apply)

    def reset(self):
        """Ends every connection now."""
        done = threading.Event()

        def apply():
            self._reset()
            done.set()
        self._loop.call_soon_threadsafe(apply)
        done.wait()

    def _run(self):
        try:
            asyncio.run(self._serve())
        except OSError as failure:
            self._failure = failure
            self._started.set()

    async def _serve(self):
        self._loop = asyncio.get_running_loop()
        self._stopping, self._changed = asyncio.Event(), asyncio.Event()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        listening.bind(("127.0.0.1", self.wanted_port))
        server = await asyncio.start_server(self._accept, sock=listening, limit=PACKET_BYTES)
        self.port = listening.getsockname()[1]
        self._started.set()
        resetting = asyncio.create_task(self._reset_now_and_then())
        await self._stopping.wait()
        resetting.cancel()
        server.close()
        self._reset()

    async def _reset_now_and_then(self):
        while True:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), self.line.reset_s or None)
            except asyncio.TimeoutError:
                self._reset()

    def _reset(self):
        self.resets += 1 if self._writers else 0
        for writer in list(self._writers):
            connection = writer.get_extra_info("socket")
            if connection is not None:
                # Linger of no time: close sends RST.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader, writer):
        self.accepted += 1
        try:
            await self._connect(reader, writer)
        except asyncio.CancelledError:
            pass  # The proxy ends.

    async def _connect(self, reader, writer):
        target = socket.socket()
        target.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        target.setblocking(False)
        try:
            await self._loop.sock_connect(target, self.to)
        except OSError:
            target.close()
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(sock=target, limit=PACKET_BYTES)
        for one in (writer, far_writer):
            one.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.transport.set_write_buffer_limits(high=PACKET_BYTES)
        ends = {writer, far_writer}
        self._writers |= ends
        await asyncio.gather(self._forward(reader, far_writer, self.up), self._forward(far_reader, writer, self.down))
        for one in ends & self._writers:
            one.transport.abort()
        self._writers -= ends

    async def _forward(self, reader, writer, direction):
        queue = asyncio.Queue(maxsize=max(1, QUEUE_BYTES // PACKET_BYTES))
        delivering = asyncio.create_task(self._deliver(queue, writer))
        try:
            while packet := await reader.read(PACKET_BYTES):
                left_at = direction.pass_on(self._loop.time(), len(packet), self.line.rate_bits_per_s)
                await queue.put((left_at + self.line.round_trip_ms / 2000, packet))
                # A sender does not run ahead of the line by more than the queue.
                ahead = left_at - self._loop.time() - self._queue_seconds()
                if ahead > 0:
                    await asyncio.sleep(ahead)
        except OSError:
            pass  # Reset: the other direction learns it by itself.
        await queue.put((0, b""))
        await delivering

    def _queue_seconds(self):
        rate = self.line.rate_bits_per_s
        return QUEUE_BYTES * 8 / rate if rate else 0

    async def _deliver(self, queue, writer):
        open_end = True
        while True:
            at, packet = await queue.get()
            if not packet:
                break
            await asyncio.sleep(max(0, at - self._loop.time()))
            try:
                if open_end:
                    writer.write(packet)
                    await writer.drain()
            except OSError:
                open_end = False
        if open_end and not writer.transport.is_closing():
            try:
                writer.write_eof()
            except OSError:
                pass  # The other end is gone already.


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", required=True)
    parser.add_argument("--listen", type=int, default=0)
    parser.add_argument("--rate", type=float, default=64000)
    parser.add_argument("--round-trip-ms", type=float, default=600)
    parser.add_argument("--reset-s", type=float, default=20)
    options = parser.parse_args()
    host, port = options.to.rsplit(":", 1)
    link = SlowLink((host, int(port)), options.listen, Line(options.rate, options.round_trip_ms, options.reset_s)).start()
    print(link.port, flush=True)
    sys.stdin.read()
    link.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
