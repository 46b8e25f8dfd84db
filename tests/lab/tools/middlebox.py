#!/usr/bin/python3
"""A box that connections are diverted to: it lets X.224 pass, and then meddles with TLS.

  middlebox.py PORT SERVER --certificate FILE --key FILE [--swap]

It ends TLS and begins it anew towards the server, as a TLS inspection does. With --swap it does not: it only puts its
own certificate into the server's handshake (TLS 1.2), whose signature then does not fit.
"""
import argparse
import asyncio
import ssl
import struct

OPTIONS = None


async def tpkt(reader):
    """An X.224 message in its TPKT (RFC 1006 6)."""
    head = await reader.readexactly(4)
    return head + await reader.readexactly(struct.unpack("!H", head[2:])[0] - 4)


async def copy(reader, writer):
    """Passes bytes on until either side ends."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except (OSError, ssl.SSLError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def swap(reader, writer):
    """Passes TLS records on; the Certificate message (RFC 5246 7.4.2) is replaced."""
    own = ssl.PEM_cert_to_DER_cert(open(OPTIONS.certificate, encoding="ascii").read())
    chain = len(own).to_bytes(3, "big") + own
    body = len(chain).to_bytes(3, "big") + chain
    own = b"\x0b" + len(body).to_bytes(3, "big") + body
    is_done = False
    while not is_done:
        head = await reader.readexactly(5)
        body = await reader.readexactly(struct.unpack("!H", head[3:])[0])
        if head[0] == 22:
            messages, at = b"", 0
            while at < len(body):
                end = at + 4 + int.from_bytes(body[at + 1:at + 4], "big")
                is_certificate = body[at] == 11
                messages += own if is_certificate else body[at:end]
                is_done |= is_certificate
                at = end
            body = messages
        writer.write(head[:3] + struct.pack("!H", len(body)) + body)
        await writer.drain()


async def serve(client, to_client):
    server, to_server = await asyncio.open_connection(OPTIONS.server, 3389)
    try:
        to_server.write(await tpkt(client))
        to_client.write(await tpkt(server))
        await to_client.drain()
        if not OPTIONS.swap:
            outside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            outside.load_cert_chain(OPTIONS.certificate, OPTIONS.key)
            inside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            inside.check_hostname, inside.verify_mode = False, ssl.CERT_NONE
            await to_client.start_tls(outside)
            await to_server.start_tls(inside)
        back = swap(server, to_client) if OPTIONS.swap else asyncio.sleep(0)
        onward = asyncio.create_task(copy(client, to_server))
        try:
            await back
        except asyncio.IncompleteReadError:
            pass
        await asyncio.gather(onward, copy(server, to_client))
    except (OSError, ssl.SSLError, asyncio.IncompleteReadError) as error:
        print(f"ended: {error!r}", flush=True)
        to_client.close()
        to_server.close()


async def main():
    server = await asyncio.start_server(serve, "0.0.0.0", OPTIONS.port)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("server")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--swap", action="store_true")
    OPTIONS = parser.parse_args()
    asyncio.run(main())
