"""The sockets on which the processes of a command can be reached."""

import socket
from typing import NamedTuple

import psutil


class Reachable(NamedTuple):
    """A socket that takes what others send."""

    address: str
    port: int


def reachable(pid: int) -> set[Reachable]:
    """Return the sockets of a process and its children that listen, or take datagrams of anybody."""
    found = set[Reachable]()
    us = psutil.Process(pid)
    for process in [us, *us.children(recursive=True)]:
        try:
            connections = process.net_connections("inet")
        except psutil.NoSuchProcess:  # it has just ended
            continue
        for one in connections:
            takes_datagrams = one.type == socket.SOCK_DGRAM and not one.raddr
            if one.status == psutil.CONN_LISTEN or takes_datagrams:
                found.add(Reachable(one.laddr.ip.removeprefix("::ffff:"), one.laddr.port))
    return found


def others_than_loopback(found: set[Reachable]) -> set[Reachable]:
    """Return the sockets that another machine can reach."""
    return {one for one in found if one.address not in {"127.0.0.1", "::1"}}
