"""Waits until a broker answers ApiVersions and lists itself in Metadata.

usage: wait_ready.py PORT PID [SECONDS]      exit 0 ready, 3 the process has ended, 4 too late
"""
import os
import socket
import struct
import sys
import time


def ask(port, api_key, version, body):
    with socket.create_connection(("127.0.0.1", port), 1) as connection:
        connection.settimeout(2)
        frame = struct.pack(">hhih", api_key, version, 1, -1) + body
        connection.sendall(struct.pack(">i", len(frame)) + frame)
        answer = b""
        while len(answer) < 4 or len(answer) < 4 + struct.unpack(">i", answer[:4])[0]:
            piece = connection.recv(65536)
            if not piece:
                raise OSError("closed")
            answer += piece
        return answer[8:]


def runs(pid):
    """False too for a process that has ended and whose parent has not looked yet."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def main():
    port, pid = int(sys.argv[1]), int(sys.argv[2])
    end = time.monotonic() + float(sys.argv[3] if len(sys.argv) > 3 else 60)
    while time.monotonic() < end:
        if not runs(pid):
            sys.exit(3)
        try:
            ask(port, 18, 0, b"")
            brokers = struct.unpack(">i", ask(port, 3, 1, struct.pack(">i", 0))[:4])[0]
            if brokers > 0:
                sys.exit(0)
        except OSError:
            pass
        time.sleep(0.02)
    sys.exit(4)


main()
