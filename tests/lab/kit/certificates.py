"""Certificates with one fault each, made by openssl once a run."""
import subprocess

NAME = "rdp-lab.test"

#: Start, end and what else is special. Fixed dates far away: the lab must say the same next year.
GOOD = ("20240101000000Z", "20380101000000Z")
PAST = ("20190101000000Z", "20200101000000Z")
FUTURE = ("20370101000000Z", "20380101000000Z")

#: name: (key, issuer, validity, subject, extensions section)
LEAVES = {
    "good": ("rsa", "ca", GOOD, NAME, "server"),
    "selfsigned": ("rsa", None, GOOD, NAME, "server"),
    "expired": ("rsa", None, PAST, NAME, "server"),
    "future": ("rsa", None, FUTURE, NAME, "server"),
    "othername": ("rsa", None, GOOD, "other-host.example", "othername"),
    "forclients": ("rsa", None, GOOD, NAME, "client"),
    "weak": ("weak", None, GOOD, NAME, "server"),
    "inspected": ("box", "inspector", GOOD, NAME, "server"),
}
AUTHORITIES = {"ca": "/CN=RDP Lab Root", "inspector": "/CN=Corporate TLS Inspection CA/O=Middlebox Inc"}
KEYS = {"rsa": 2048, "weak": 1024, "other": 2048, "box": 2048, "ca": 2048, "inspector": 2048}

CONFIGURATION = f"""
[ca]
default_ca = lab
[lab]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:{NAME}, IP:10.77.2.20
[othername]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:other-host.example
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
subjectAltName = DNS:{NAME}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = keyCertSign, cRLSign
"""


def openssl(directory, *argv):
    done = subprocess.run(["openssl", *argv], cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl {argv[0]}: {done.stderr.strip()}")


def make(directory):
    """Writes NAME.crt and NAME.key for all of them; `chain` is `good` with so many issuers behind it that it fills packets."""
    directory.mkdir()
    (directory / "ca.cnf").write_text(CONFIGURATION)
    (directory / "index.txt").write_text("")
    (directory / "serial").write_text("1000")
    for key, bits in KEYS.items():
        openssl(directory, "genrsa", "-out", f"{key}.key", str(bits))
    for name, subject in AUTHORITIES.items():
        openssl(directory, "req", "-x509", "-new", "-key", f"{name}.key", "-days", "3650", "-subj", subject, "-out", f"{name}.crt")
    for name, leaf in LEAVES.items():
        issue(directory, name, *leaf)
    text = [(directory / f"{name}.crt").read_text() for name in ("good", "ca", "inspector")]
    (directory / "chain.crt").write_text("".join(text))
    (directory / "chain.key").write_bytes((directory / "rsa.key").read_bytes())


def issue(directory, name, key, issuer, validity, subject, section):
    openssl(directory, "req", "-new", "-key", f"{key}.key", "-subj", f"/CN={subject}", "-out", f"{name}.csr")
    signer = ["-cert", f"{issuer}.crt", "-keyfile", f"{issuer}.key"] if issuer else ["-selfsign", "-keyfile", f"{key}.key"]
    openssl(directory, "ca", "-batch", "-config", "ca.cnf", *signer, "-in", f"{name}.csr", "-out", f"{name}.crt",
            "-extensions", section, "-startdate", validity[0], "-enddate", validity[1], "-notext")
    if not (directory / f"{name}.key").exists():
        (directory / f"{name}.key").write_bytes((directory / f"{key}.key").read_bytes())
