#!/usr/bin/env python3
"""The line of slow_link.py keeps what it promises: rate, round trip, shared use, resets, changes."""

import pathlib
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from slow_link import Line, SlowLink  # noqa: E402  pylint: disable=wrong-import-position

TIMEOUT_S = 20


class Echo:
    """Sends back what it gets, and keeps count."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = self.listening.getsockname()
        self.received = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            while got := connection.recv(4096):
                self.received += len(got)
                connection.sendall(got)
        except OSError:
            pass
        connection.close()

    def close(self):
        self.listening.close()


class SlowLinkTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)

    def link(self, **options):
        link = SlowLink(self.echo.address, line=Line(**options)).start()
        self.addCleanup(link.stop)
        return link

    def connect(self, link):
        connection = socket.create_connection(("127.0.0.1", link.port), timeout=TIMEOUT_S)
        self.addCleanup(connection.close)
        return connection

    def ask(self, connection, size):
        """Sends so many bytes, waits for as many; seconds that it took."""
        begun = time.monotonic()
        sender = threading.Thread(target=connection.sendall, args=(bytes(size),))
        sender.start()
        left = size
        while left:
            got = connection.recv(65536)
            self.assertTrue(got, "the line broke")
            left -= len(got)
        sender.join()
        return time.monotonic() - begun

    def test_without_options_it_only_forwards(self):
        self.assertLess(self.ask(self.connect(self.link()), 1 << 20), 5)

    def test_one_byte_takes_a_round_trip(self):
        connection = self.connect(self.link(round_trip_ms=300))
        for _ in range(3):
            took = self.ask(connection, 1)
            self.assertGreaterEqual(took, 0.3)
            self.assertLess(took, 0.6)

    def test_many_bytes_take_what_the_rate_says(self):
        # Both directions work at the same time, so that there and back is little more than once.
        took = self.ask(self.connect(self.link(rate_bits_per_s=64000)), 16000)
        self.assertGreaterEqual(took, 2.0)
        self.assertLess(took, 3.0)

    def test_connections_share_the_line(self):
        link = self.link(rate_bits_per_s=64000)
        connections = [self.connect(link) for _ in range(2)]
        took = []
        threads = [threading.Thread(target=lambda one=one: took.append(self.ask(one, 8000))) for one in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(took), 2)
        self.assertGreaterEqual(max(took), 2.0)

    def test_a_sender_is_held_back(self):
        connection = self.connect(self.link(rate_bits_per_s=64000))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        connection.settimeout(1.0)
        with self.assertRaises(TimeoutError):
            connection.sendall(bytes(1 << 20))
        self.assertLess(self.echo.received, 12000)

    def test_a_reset_ends_connections_and_new_ones_work(self):
        link = self.link(reset_s=0.5)
        connection = self.connect(link)
        self.ask(connection, 10)
        begun = time.monotonic()
        with self.assertRaises(ConnectionResetError):
            connection.recv(1)
        self.assertLess(time.monotonic() - begun, 1.0)
        self.assertGreaterEqual(link.resets, 1)
        self.ask(self.connect(link), 10)

    def test_a_line_changes_while_it_is_used(self):
        link = self.link()
        connection = self.connect(link)
        self.ask(connection, 10)
        link.change(Line(round_trip_ms=400))
        self.assertGreaterEqual(self.ask(connection, 10), 0.4)
        link.change(Line())
        self.assertLess(self.ask(connection, 10), 0.3)

    def test_an_end_is_passed_on(self):
        connection = self.connect(self.link(round_trip_ms=100))
        self.ask(connection, 10)
        connection.shutdown(socket.SHUT_WR)
        self.assertEqual(connection.recv(1), b"")

    def test_nobody_behind_it_ends_the_connection(self):
        free = socket.create_server(("127.0.0.1", 0))
        address = free.getsockname()
        free.close()
        link = SlowLink(address).start()
        self.addCleanup(link.stop)
        with self.assertRaises(ConnectionResetError):
            self.assertEqual(self.connect(link).recv(1), b"")
            raise ConnectionResetError


if __name__ == "__main__":
    unittest.main()
