"""The kernel says which socket, and so which process, is at the other end of a connection."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from chaos.sockets import inode_of


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has sock_diag")
def test_the_other_end_of_a_connection_is_known_while_it_is_open() -> None:
    """Its inode is the one that the process has in its own table of files; of what is closed there is none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as sender:
            sending_port = sender.getsockname()[1]
            assert inode_of(sending_port, to=port) == os.fstat(sender.fileno()).st_ino
        assert inode_of(port, to=1) == 0
