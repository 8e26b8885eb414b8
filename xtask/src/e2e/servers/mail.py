"""Two mail servers of aiosmtpd: one in the clear, one that wants STARTTLS and a password. Mails become files."""

import ssl
import sys
import threading
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

folder, plain_port, tls_port = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
lock, count = threading.Lock(), 0


class Keep:
    async def handle_DATA(self, server, session, envelope):
        global count
        if "full@" in "".join(envelope.rcpt_tos):
            return "452 4.2.2 mailbox full"
        with lock:
            count += 1
            part = folder / f"{count}.part"
            part.write_bytes(envelope.content)
            part.rename(folder / f"{count}.eml")
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"caiu", b"correct horse")
    return AuthResult(success=is_known, handled=False)


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
Controller(Keep(), hostname="127.0.0.1", port=plain_port).start()
Controller(
    Keep(),
    hostname="127.0.0.1",
    port=tls_port,
    tls_context=tls,
    require_starttls=True,
    authenticator=login,
    auth_required=True,
).start()
print(f"CAIU_E2E_MAIL={folder}")
print(f"CAIU_E2E_MAIL_PLAIN={plain_port}")
print(f"CAIU_E2E_MAIL_TLS={tls_port}")
print("READY", flush=True)
sys.stdin.read()
