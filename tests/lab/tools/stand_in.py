#!/usr/bin/python3
"""A server for what packaged servers do not do: it goes with the client up to a step, and then fails in one way.

  stand_in.py STEP [VALUE] --certificate FILE --key FILE [--tls 1.2]

Steps stand in the table at the foot; VALUE is a code for those that send one.
"""
import argparse
import socket
import ssl
import struct
import threading
import time

OPTIONS = None
NOTHING = 3600


def exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError("the client left")
        data += more
    return data


def tpkt(connection):
    head = exactly(connection, 4)
    return head + exactly(connection, struct.unpack("!H", head[2:])[0] - 4)


def confirm(negotiation=b"", kind=0xD0):
    """An X.224 Connection Confirm (MS-RDPBCGR 2.2.1.2) with a negotiation block or none."""
    length = 6 + len(negotiation)
    return struct.pack("!BBHBBHHB", 3, 0, 5 + length, length, kind, 0, 0x1234, 0) + negotiation


def response(protocol):
    """RDP_NEG_RSP (MS-RDPBCGR 2.2.1.2.1)."""
    return struct.pack("<BBHI", 2, 0x1F, 8, protocol)


def failure(code):
    """RDP_NEG_FAILURE (MS-RDPBCGR 2.2.1.2.2)."""
    return struct.pack("<BBHI", 3, 0, 8, code)


def reset(connection):
    """Closes with a RST, whatever was read."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def say(connection, words):
    """Says something, and closes when the client has had time to hear it."""
    connection.sendall(words)
    connection.settimeout(1.0)
    try:
        connection.recv(4096)
    except (TimeoutError, ConnectionError):
        pass
    connection.close()


# Up to where it goes ----------------------------------------------------------------------------------------------------

def after_request(then):
    def serve(connection):
        tpkt(connection)
        then(connection)
    return serve


def after_hello(then):
    def serve(connection):
        tpkt(connection)
        connection.sendall(confirm(response(1)))
        head = exactly(connection, 5)
        exactly(connection, struct.unpack("!H", head[3:])[0])
        then(connection)
    return serve


def after_tls(then, protocol=1, asks=False):
    def serve(connection):
        tpkt(connection)
        connection.sendall(confirm(response(protocol)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(OPTIONS.certificate, OPTIONS.key)
        if OPTIONS.tls == "1.2":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(OPTIONS.certificate)
        then(context.wrap_socket(connection, server_side=True))
    return serve


# What it does there -----------------------------------------------------------------------------------------------------

def close(connection):
    if isinstance(connection, ssl.SSLSocket):
        # Says good-bye, and does not wait for the client's.
        connection.settimeout(0.0)
        try:
            connection.unwrap()
        except OSError:
            pass
    connection.close()


def silence(_):
    time.sleep(NOTHING)


def reset_soon(connection):
    time.sleep(0.3)
    reset(connection)


def fatal_alert(connection):
    say(connection, b"\x15\x03\x03\x00\x02\x02" + bytes([OPTIONS.value]))


def der(tag, body):
    """An element of ASN.1 in DER, of fewer than 128 bytes."""
    return bytes([tag, len(body)]) + body


def status(connection):
    """A TSRequest with nothing but an error (MS-CSSP 2.2.1) answers the client's first token."""
    connection.recv(16384)
    code = der(2, struct.pack("!I", OPTIONS.value))
    say(connection, der(0x30, der(0xA0, der(2, b"\x06")) + der(0xA4, code)))


def ultimatum(connection):
    """An MCS Disconnect Provider Ultimatum (T.125 7) answers Connect Initial."""
    tpkt(connection)
    say(connection, bytes([3, 0, 0, 9, 2, 0xF0, 0x80, 0x20 | OPTIONS.value >> 1, (OPTIONS.value & 1) << 7]))


def heard_only(connection):
    """Reads all and answers nothing."""
    while connection.recv(16384):
        pass


STEPS = {
    "accept-close": close,
    "accept-reset": reset,
    "banner-ssh": lambda connection: say(connection, b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "request-http": after_request(lambda connection: say(connection, b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
    "request-close": after_request(close),
    "request-reset": after_request(reset),
    "request-silence": after_request(silence),
    "request-refuse": after_request(lambda connection: say(connection, confirm(failure(OPTIONS.value)))),
    "request-disconnect": after_request(lambda connection: say(connection, confirm(kind=0x80))),
    "request-no-block": after_request(lambda connection: say(connection, confirm())),
    "request-select": after_request(lambda connection: say(connection, confirm(response(OPTIONS.value)))),
    "hello-close": after_hello(close),
    "hello-reset": after_hello(reset),
    "hello-silence": after_hello(silence),
    "hello-alert": after_hello(fatal_alert),
    "tls-ask": after_tls(silence, asks=True),
    "tls-close": after_tls(close),
    "tls-reset": after_tls(reset_soon),
    "token-status": after_tls(status, protocol=2),
    "mcs-ultimatum": after_tls(ultimatum),
    "mcs-silence": after_tls(heard_only),
}


def guarded(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        STEPS[OPTIONS.step](connection)
    except (OSError, EOFError) as error:
        print(f"ended: {error!r}", flush=True)
        connection.close()


def main():
    door = socket.create_server(("0.0.0.0", 3389))
    print("ready", flush=True)
    while True:
        connection, _ = door.accept()
        threading.Thread(target=guarded, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("value", nargs="?", type=lambda text: int(text, 0), default=0)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--tls")
    OPTIONS = parser.parse_args()
    main()
