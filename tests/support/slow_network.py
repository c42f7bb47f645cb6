"""A TCP proxy on this machine whose connections are slow, and can be cut."""

import contextlib
import socket
import threading
import time

_PIECE = 65_536  # bytes


class SlowNetwork:
    """Connections to a port of this machine that pass through here, each piece of at most 64 KiB with a delay.

    It owns ``port``, which it listens at, from the start to the end, so that no other process can take it.
    """

    def __init__(self, target: int, delay: float) -> None:
        self.delay = delay  #: seconds that each piece takes, in each direction; it may be changed at any time
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """End all connections, and accept no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        self.cut()
        for thread in self._threads[1:]:
            thread.join()

    def cut(self) -> int:
        """Cut all connections in the middle of what they send, and return how many there were."""
        with self._lock:
            for one in self._open:
                with contextlib.suppress(OSError):  # its other end was quicker
                    one.shutdown(socket.SHUT_RDWR)
            return len(self._open) // 2

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # nobody listens there now
                near.close()
                continue
            with self._lock:
                self._open += [near, far]
            both = threading.Barrier(2)
            for source, sink in ((near, far), (far, near)):
                thread = threading.Thread(target=self._pass_on, args=(source, sink, both))
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, both: threading.Barrier) -> None:
        with contextlib.suppress(OSError):  # cut
            while piece := source.recv(_PIECE):
                time.sleep(self.delay)
                sink.sendall(piece)
        for one in (source, sink):
            with contextlib.suppress(OSError):  # its other end was quicker
                one.shutdown(socket.SHUT_RDWR)
        both.wait()  # for the other direction, which uses the same two
        with self._lock:
            if source in self._open:
                self._open.remove(source)
        source.close()
