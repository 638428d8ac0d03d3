"""TLS for the port, from the files that the configuration names."""

import ssl
from pathlib import Path

from turngate.errors import ConfigError
from turngate.gateway.config import Config


def context(config: Config) -> ssl.SSLContext | None:
    """Return what to serve TLS with, or None where the configuration has none.

    Raises:
        ConfigError: One file is missing, cannot be read or is none of its kind, or the key is
            another certificate's.

    """
    if config.tls_cert is None and config.tls_key is None:
        return None
    if config.tls_key is None:
        raise ConfigError("tls_cert", "a certificate needs its key: --tls-key or TURNGATE_TLS_KEY")
    if config.tls_cert is None:
        raise ConfigError("tls_key", "a key needs its certificate: --tls-cert or TURNGATE_TLS_CERT")
    _check_readable("tls_cert", config.tls_cert)
    _check_readable("tls_key", config.tls_key)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    try:
        # a password asked for on the terminal would be waited for in silence
        made.load_cert_chain(config.tls_cert, config.tls_key, password=lambda: "")
    except ssl.SSLError as error:
        raise _plainly(error, config.tls_cert, config.tls_key) from error
    return made


def _check_readable(field: str, path: str) -> None:
    try:
        Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(field, f"cannot read {path}: {error.strerror}") from error


def _plainly(error: ssl.SSLError, cert: str, key: str) -> ConfigError:
    if error.reason == "KEY_VALUES_MISMATCH":
        return ConfigError("tls_key", f"the key in {key} is not that of the certificate in {cert}")
    if not _has(cert, b"CERTIFICATE-----"):
        return ConfigError("tls_cert", f"there is no certificate in {cert}")
    if not _has(key, b"PRIVATE KEY-----"):
        return ConfigError("tls_key", f"there is no private key in {key}")
    if _has(key, b"ENCRYPTED"):
        return ConfigError("tls_key", f"the key in {key} is locked with a password; unlock it")
    return ConfigError("tls_cert", f"{cert} and {key} cannot be used: {error.reason or error}")


def _has(path: str, mark: bytes) -> bool:
    return mark in Path(path).read_bytes()
