"""The digital seal of a PDF (PAdES B-B): any later change of the file shows.

The key is our own and the certificate signed by itself: it proves that nothing was changed since, not who we are.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

FIELD = "Seal"
YEARS = 25


def new_seal(business_name: str, secret: str, now: dt.datetime) -> bytes:
    """Make a key and its certificate, as PKCS #12 locked with the secret; takes CPU time."""
    key = ec.generate_private_key(ec.SECP256R1())  # an RSA key would take pyHanko 0.2 s a seal, just to load
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, business_name[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, "Seal of agreements"),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_only_for_signatures(), critical=True)
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(passphrase(secret))
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, lock)


def passphrase(secret: str) -> bytes:
    """The lock of the seal, made of RAPPORT_SECRET and of no use for anything else."""
    return hashlib.sha256(b"rapport seal of agreements\0" + secret.encode()).hexdigest().encode()


def lock_of(secret: str) -> bytes:
    """Tells with which secret a seal is locked, without telling the secret."""
    return hashlib.sha256(b"lock\0" + passphrase(secret)).digest()


def seal(pdf: bytes, locked: bytes, secret: str) -> bytes:
    """Seal a PDF so that nothing in it may be changed any more; takes CPU time."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

    terms = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason="Seals the signed agreement",
    )
    out = io.BytesIO()
    PdfSigner(terms, _signer(locked, secret)).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out)
    return out.getvalue()


@lru_cache(maxsize=4)
def _signer(locked: bytes, secret: str) -> Any:
    """Unlock a seal, once a process: unlocking is slow on purpose."""
    from pyhanko.sign import SimpleSigner

    signer = SimpleSigner.load_pkcs12_data(locked, other_certs=[], passphrase=passphrase(secret))
    if signer is None:
        raise RuntimeError("The seal of agreements does not open with RAPPORT_SECRET.")
    return signer


def _only_for_signatures() -> x509.KeyUsage:
    unused = (
        "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
        "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(digital_signature=True, content_commitment=True, **dict.fromkeys(unused, False))
