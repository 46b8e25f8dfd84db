"""The peers from Debian's packages, as they are started here."""
import os
import subprocess
from pathlib import Path

from .place import CLIENT, PORT, SERVER
from .stage import CERTIFICATES

USER, PASSWORD = "alice", "Passw0rd!"
#: MD4 of the password in UTF-16, as freerdp-shadow-cli reads it.
NT_HASH = "fc525c9683e8fe067095ba2ddc971889"

XRDP = """[Globals]
ini_version=1
fork=true
port={port}
tcp_nodelay=true
tcp_keepalive=false
security_layer={security}
crypt_level=high
certificate={certificate}
key_file={key}
ssl_protocols={tls}
tls_ciphers={ciphers}
autorun={autorun}
allow_channels=true
max_bpp=32
use_fastpath=both
ls_width=350
ls_height=430
ls_btn_cancel_x_pos=237
ls_btn_cancel_y_pos=370
ls_btn_cancel_width=85
ls_btn_cancel_height=30
[Logging]
LogFile=/tmp/logs/xrdp-own.txt
LogLevel=INFO
EnableSyslog=false
[Channels]
[Xorg]
name=Xorg
lib=libxup.so
username=ask
password=ask
ip=127.0.0.1
port=-1
code=20
"""


def xrdp(stage, security="tls", certificate="good", key=None, tls="TLSv1.2, TLSv1.3", ciphers="DEFAULT", port=PORT, autorun=""):
    """xrdp; `certificate` None: paths that lead nowhere."""
    Path("/run/xrdp").mkdir(exist_ok=True)
    values = {"certificate": "/nowhere.crt", "key": "/nowhere.key"}
    if certificate:
        values = {"certificate": CERTIFICATES / f"{certificate}.crt", "key": CERTIFICATES / f"{key or certificate}.key"}
    configuration = Path("/tmp/xrdp.ini")
    configuration.write_text(XRDP.format(port=port, security=security, tls=tls, ciphers=ciphers, autorun=autorun, **values))
    child = stage.start("server", "xrdp", "xrdp", "--nodaemon", "--config", configuration)
    return child.listens(int(str(port).rsplit(":", maxsplit=1)[-1]))


def shadow(stage, security="nla", certificate="good", key=None):
    """freerdp-shadow-cli, which shows the server's display; with NLA it knows one user."""
    home = Path("/tmp/shadow")
    store = home / ".config/freerdp/shadow"
    store.mkdir(parents=True)
    for ending, name in (("crt", certificate), ("key", key or certificate)):
        (store / f"shadow.{ending}").write_bytes((CERTIFICATES / f"{name}.{ending}").read_bytes())
    users = home / "sam"
    users.write_text(f"{USER}:::{NT_HASH}:::\n")
    environment = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "DISPLAY": stage.display("server").name}
    child = stage.start("server", "shadow", "freerdp-shadow-cli", f"/port:{PORT}", f"/sec:{security}", f"/sam-file:{users}",
                        env=environment)
    return child.listens()


def stand_in(stage, step, value=0, *more, certificate="good"):
    """The lab's own server, which fails in ways that packaged ones do not."""
    return stage.tool("server", "stand_in", step, value, "--certificate", CERTIFICATES / f"{certificate}.crt",
                      "--key", CERTIFICATES / f"{certificate}.key", *more)


def xfreerdp(stage, *more, user=USER, password=PASSWORD, certificate="ignore", host=SERVER, port=PORT, stdin=None, name="xfreerdp"):
    """xfreerdp; `certificate` None: it asks its user, who answers on `stdin`; `password` None: xrdp shows its logon window."""
    home = Path(f"/tmp/home-{name}")
    home.mkdir(exist_ok=True)
    target = [f"/v:[{host}]", f"/port:{port}"] if ":" in host else [f"/v:{host}:{port}"]
    cert = [f"/cert:{certificate}"] if certificate else []
    argv = ["xfreerdp", *target, f"/u:{user}", "/size:640x480", "/log-level:INFO", *cert, *more]
    argv += [f"/p:{password}"] if password else []
    environment = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "DISPLAY": stage.display("client").name}
    return stage.start("client", name, *argv, env=environment, stdin=stdin)


def rdesktop(stage, *more, stdin=None):
    """rdesktop, which knows no NLA here."""
    environment = {"HOME": "/tmp", "DISPLAY": stage.display("client").name}
    argv = ["rdesktop", "-u", USER, "-p", PASSWORD, "-g", "640x480", *more, f"{SERVER}:{PORT}"]
    return stage.start("client", "rdesktop", *argv, env=environment, stdin=stdin or subprocess.DEVNULL)


def plain_client(stage, *more, name="plain_client"):
    """The lab's own client up to TLS: strict about certificates, or one that leaves early. It has ended when this returns."""
    return stage.start("client", name, "/usr/bin/python3", "/run/lab/project/tests/lab/tools/plain_client.py", SERVER, *more)


def nmap(stage, *more):
    """nmap on the RDP port; it has ended when this returns."""
    return stage.start("client", "nmap", "nmap", "-Pn", "-n", f"-p{PORT}", *more, SERVER).is_gone(90)


# What people do -----------------------------------------------------------------------------------------------------------

def at_work(stage, client):
    """Waits until a session of xfreerdp shows its first picture and is quiet."""
    client.says("Local framebuffer format")
    stage.settle()
    return client


def close_window(stage, client):
    """The user closes the window."""
    stage.display("client").close_windows()
    client.is_gone()


def move_mouse(stage):
    """The user moves the mouse over the picture."""
    for x in (300, 320, 310):
        xdotool(stage, "mousemove", x, 200)


def click(stage, x, y):
    """The user clicks at a place of the picture."""
    window = stage.display("client").windows()[0]
    xdotool(stage, "mousemove", "--window", window, x - 5, y, "sleep", 0.2, "mousemove", "--window", window, x, y, "sleep", 0.2, "click", 1)


def xdotool(stage, *words):
    environment = {**os.environ, "DISPLAY": stage.display("client").name}
    subprocess.run(["xdotool", *map(str, words)], env=environment, check=False, capture_output=True)


#: The middle of the cancel button of xrdp's logon window, which stands in the middle of 640x480: see the numbers above.
CANCEL = ((640 - 350) // 2 + 237 + 42, (480 - 430) // 2 + 370 + 15)
