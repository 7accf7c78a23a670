"""Asking the kernel which socket is at the other end of a connection on this machine (sock_diag(7))."""

from __future__ import annotations

import socket
import struct

_HEAD = struct.Struct("=IHHII")
_ASKED = struct.Struct("=BBBBI")
_ID = struct.Struct("!HH4s12x4s12x")
_ANY_COOKIE = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
_BY_FAMILY, _REQUEST, _ERROR = 20, 1, 2
_ALL_STATES = 0xFFFFFFFF
_PORTS_AT = _HEAD.size + 4
_INODE_AT = _PORTS_AT + 48 + 16
_NETLINK_SOCK_DIAG = 4


def inode_of(port: int, *, to: int, host: str = "127.0.0.1") -> int:
    """
    Return the inode of the socket that is bound to `port` and connected to the port `to`, 0 if it is gone.

    Errors  OSError where the kernel cannot be asked.
    """
    address = socket.inet_aton(host)
    asked = _ASKED.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, 0, _ALL_STATES)
    asked += _ID.pack(port, to, address, address) + _ANY_COOKIE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1.0)
        kernel.send(_HEAD.pack(_HEAD.size + len(asked), _BY_FAMILY, _REQUEST, 1, 0) + asked)
        answer = kernel.recv(4_096)
    # Where there is no such connection the kernel may name whoever listens on the port.
    if _HEAD.unpack_from(answer)[1] == _ERROR or struct.unpack_from("!HH", answer, _PORTS_AT) != (port, to):
        return 0
    return int(struct.unpack_from("=I", answer, _INODE_AT)[0])
