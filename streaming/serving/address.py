"""Where the page is served: the address that was asked for, and the hosts that a request may name."""

import ipaddress
import socket
from typing import NamedTuple

from producer.common.errors import UsageError, WordCountError

_LOOPBACK = "127.0.0.1"
_LARGEST_PORT = 65535
#: How many connections wait to be accepted, and how many bytes the system keeps for one that does not read.
_BACKLOG, _SEND_BYTES = 128, 65_536
#: Milliseconds after which the system drops a connection whose other end takes nothing of what was sent.
UNREAD_MILLISECONDS = 20_000


class Address(NamedTuple):
    """A host, by name or by number, and a port; 0 stands for any free one."""

    host: str
    port: int


def address(text: str, option: str) -> Address:
    """Return the value of ``--serve``.

    Raises:
        UsageError: it is neither a port nor ``HOST:PORT``; the message names ``option``.

    >>> address("8080", "--serve"), address("[::]:0", "--serve")
    (Address(host='127.0.0.1', port=8080), Address(host='::', port=0))
    """
    host, colon, port = text.strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else _LOOPBACK
    if not (host and port.isascii() and port.isdigit() and int(port) <= _LARGEST_PORT):
        raise UsageError(f"{option} {text!r} is not an address; give PORT or HOST:PORT: 8080, 0.0.0.0:8080, [::1]:8080")
    return Address(host, int(port))


def listen(wanted: Address) -> socket.socket:
    """Return a socket that listens at an address.

    Raises:
        WordCountError: the port is in use or not permitted, or the host is not one of this machine.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(wanted.host, wanted.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except UnicodeError as error:  # as of a..b
        raise _refused(wanted, "unknown") from error
    except OSError as error:
        raise _refused(wanted, str(error.strerror)) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BYTES)  # accepted connections inherit both
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MILLISECONDS)
        listener.bind(place)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(wanted, str(error.strerror)) from error
    return listener


def _refused(wanted: Address, reason: str) -> WordCountError:
    return WordCountError(f"--serve {wanted.host}:{wanted.port}: {reason}; give another port or host")


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a listening socket of this host.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def url(listener: socket.socket) -> str:
    """Return the address of a page for a browser of this machine."""
    host, port = listener.getsockname()[:2]
    if ipaddress.ip_address(host.partition("%")[0]).is_unspecified:
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def own_names() -> frozenset[str]:
    """Return the names that this machine gives itself, in lower case."""
    return frozenset({socket.gethostname().lower()} - {""})


def full_name() -> frozenset[str]:
    """Return the name that name servers give this machine, in lower case."""
    return frozenset({socket.getfqdn().lower()} - {""})


def is_own(host: str, names: frozenset[str], *, is_open: bool) -> bool:
    """Return whether a request with this ``Host`` header is meant for this machine.

    A page of another site can have its own name resolve to this machine, to read the counts in its visitor's browser
    (DNS rebinding). It can do so neither with an address in numbers nor with a name that is not its own.

    Args:
        host: the header.
        names: the names of this machine, in lower case.
        is_open: whether other machines reach this one. They may know it by a name of their network, which has no dot.

    >>> [is_own(host, frozenset({"box.example.org"}), is_open=False) for host in ("127.0.0.1:80", "[::1]", "evil.com")]
    [True, True, False]
    >>> is_own("stream:8080", frozenset(), is_open=True), is_own("stream:8080", frozenset(), is_open=False)
    (True, False)
    """
    name = host.lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0].removesuffix(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name in names or (is_open and bool(name) and "." not in name)
    return True
