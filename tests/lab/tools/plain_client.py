#!/usr/bin/python3
"""A client up to TLS: one that checks certificates and says with an alert what it thinks of them, or one that leaves early.

  plain_client.py HOST [--until connect|request|confirm|tls] [--leave close|reset] [--after SECONDS]
                  [--offer N] [--user NAME] [--pieces N] [--tls 1.0|1.2|1.3] [--trust FILE] [--name NAME]
"""
import argparse
import socket
import ssl
import struct
import time

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def request(options):
    """An X.224 Connection Request (MS-RDPBCGR 2.2.1.1)."""
    body = f"Cookie: mstshash={options.user}\r\n".encode() if options.user else b""
    body += struct.pack("<BBHI", 1, 0, 8, options.offer)
    length = 6 + len(body)
    return struct.pack("!BBHBBHHB", 3, 0, 5 + length, length, 0xE0, 0, 0, 0) + body


def context(options):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = bool(options.trust)
    made.verify_mode = ssl.CERT_REQUIRED if options.trust else ssl.CERT_NONE
    # Old versions and weak keys are part of what is tested, so nothing is too weak to be offered.
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.minimum_version = ssl.TLSVersion.TLSv1
    if options.trust:
        made.load_verify_locations(options.trust)
    if options.level is not None:
        made.set_ciphers(f"DEFAULT:@SECLEVEL={options.level}")
    if options.tls:
        made.minimum_version = made.maximum_version = VERSIONS[options.tls]
    return made


def leave(connection, options):
    time.sleep(options.after)
    if options.leave == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif isinstance(connection, ssl.SSLSocket):
        connection.settimeout(0.0)
        try:
            connection.unwrap()
        except OSError:
            pass
    connection.close()


def talk(options):
    connection = socket.create_connection((options.host, options.port), timeout=options.patience)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if options.until == "connect":
        return leave(connection, options)
    words = request(options)
    size = options.pieces or len(words)
    for at in range(0, len(words), size):
        connection.sendall(words[at:at + size])
        time.sleep(0.02 if options.pieces else 0)
    if options.until == "request":
        return leave(connection, options)
    answer = connection.recv(4096)
    print(f"answer {answer.hex()}", flush=True)
    if options.until == "confirm" or answer[11:12] != b"\x02":
        return leave(connection, options)
    sealed = context(options).wrap_socket(connection, server_hostname=options.name)
    print(f"tls {sealed.version()}", flush=True)
    if options.until == "answer":
        sealed.recv(4096)
    return leave(sealed, options)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("host")
    parser.add_argument("--port", type=int, default=3389)
    parser.add_argument("--until", choices=("connect", "request", "confirm", "tls", "answer"), default="tls")
    parser.add_argument("--leave", choices=("close", "reset"), default="close")
    parser.add_argument("--after", type=float, default=0.3)
    parser.add_argument("--patience", type=float, default=20)
    parser.add_argument("--offer", type=int, default=1)
    parser.add_argument("--user", default="alice")
    parser.add_argument("--pieces", type=int, default=0)
    parser.add_argument("--level", type=int)
    parser.add_argument("--tls", choices=VERSIONS)
    parser.add_argument("--trust")
    parser.add_argument("--name", default="rdp-lab.test")
    options = parser.parse_args()
    try:
        talk(options)
    except (OSError, ssl.SSLError) as error:
        print(f"ended: {error!r}", flush=True)


if __name__ == "__main__":
    main()
