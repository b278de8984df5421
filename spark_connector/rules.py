"""The rules for Spark keys: how values join, and which keys protect a session.

Tables and nothing else. `PROTECTED` holds everywhere, `LOOPBACK_ONLY` on one machine,
what `kubernetes` adds with executors in pods. They follow Spark's security page
(https://spark.apache.org/docs/latest/security.html); `docs/bundles/protection.md`
explains both.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from spark_connector.cluster import LOOPBACK

# Values of these keys are collections: those of all origins join.
SEPARATORS = {
    "spark.driver.extraClassPath": ":",
    "spark.driver.extraLibraryPath": ":",
    "spark.executor.extraClassPath": ":",
    "spark.executor.extraLibraryPath": ":",
    "spark.archives": ",",
    "spark.extraListeners": ",",
    "spark.files": ",",
    "spark.jars": ",",
    "spark.jars.excludes": ",",
    "spark.jars.packages": ",",
    "spark.jars.repositories": ",",
    "spark.sql.extensions": ",",
    "spark.sql.streaming.streamingQueryListeners": ",",
    "spark.submit.pyFiles": ",",
    "spark.driver.defaultJavaOptions": " ",
    "spark.driver.extraJavaOptions": " ",
    "spark.executor.defaultJavaOptions": " ",
    "spark.executor.extraJavaOptions": " ",
}

# What these name runs in Spark's Java process, or in its Python workers.
CODE_KEYS = (
    "spark.archives",
    "spark.driver.extraClassPath",
    "spark.driver.extraLibraryPath",
    "spark.executor.extraClassPath",
    "spark.executor.extraLibraryPath",
    "spark.extraListeners",
    "spark.jars",
    "spark.jars.ivySettings",
    "spark.jars.packages",
    "spark.sql.extensions",
    "spark.sql.streaming.streamingQueryListeners",
    "spark.submit.pyFiles",
)

JAVA_OPTION_KEYS = tuple(key for key, joint in SEPARATORS.items() if joint == " ")


@dataclass(frozen=True, slots=True)
class Protection:
    """How one key, or every key that begins so, is protected."""

    key: str
    """The key; one that ends with a dot stands for all that begin with it."""

    value: str | None
    """What every session gets, or None where Spark's own default is right."""

    accepts: Callable[[str], bool]
    """Whether a value that somebody wrote is as strong."""

    reason: str
    """Why anything else is refused, one sentence."""

    def covers(self, key: str) -> bool:
        """Return whether this protection covers a key, or the beginning of it."""
        if self.key.endswith("."):
            return key.startswith(self.key)
        return key == self.key


def _is(*values: str) -> Callable[[str], bool]:
    accepted = {value.lower() for value in values}
    return lambda value: value.strip().lower() in accepted


def _at_least(bound: int) -> Callable[[str], bool]:
    return lambda value: value.strip().isdecimal() and int(value) >= bound


def _never(_value: str) -> bool:
    return False


def forced(key: str, value: str, reason: str) -> Protection:
    """Return the protection of a key with one value in every session, in any case."""
    return Protection(key, value, _is(value), reason)


def only(key: str, value: str, reason: str) -> Protection:
    """Return the protection of a key that may have one value, Spark's default."""
    return Protection(key, None, _is(value), reason)


def refused(key: str, reason: str) -> Protection:
    """Return the protection of a refused key, or of a beginning with a final dot."""
    return Protection(key, None, _never, reason)


_AUTHENTICATE = "Every connection of a session is authenticated."
_ENCRYPT = "Everything that a session sends or spills is encrypted."
_CREDENTIAL = "Each session makes its own secret; no user may know or choose it."
_UI = "The Spark UI has no login of its own, so it is off."
_ACCESS = "Only the owner of a session may see and change it."
_PORTS = "Every port of a local session is open to this machine only."
_SHUFFLE = "Cached and shuffled data stay with the session's own executors."
CODE = "Foreign code must not replace or watch Spark's own."
_MODE = "The bundle's cluster decides where Spark runs."
_HMACS = ("HmacSHA1", "HmacSHA256", "HmacSHA384", "HmacSHA512")

PROTECTED = (
    forced("spark.authenticate", "true", _AUTHENTICATE),
    only("spark.authenticate.enableSaslEncryption", "true", _ENCRYPT),
    refused("spark.authenticate.secret", _CREDENTIAL),
    refused("spark.authenticate.secret.", _CREDENTIAL),
    Protection("spark.authenticate.secretBitLength", None, _at_least(256), _CREDENTIAL),
    forced("spark.network.crypto.enabled", "true", _ENCRYPT),
    forced("spark.network.crypto.cipher", "AES/GCM/NoPadding", _ENCRYPT),
    forced("spark.network.crypto.saslFallback", "false", _ENCRYPT),
    Protection("spark.network.crypto.authEngineVersion", "2", _at_least(2), _ENCRYPT),
    Protection("spark.network.crypto.keyLength", None, _at_least(128), _ENCRYPT),
    Protection(
        "spark.network.crypto.keyFactoryIterations", None, _at_least(1024), _ENCRYPT
    ),
    refused("spark.network.crypto.keyFactoryAlgorithm", _ENCRYPT),
    refused("spark.network.crypto.config.", _ENCRYPT),
    only("spark.network.sasl.serverAlwaysEncrypt", "true", _ENCRYPT),
    refused("spark.ssl.", "Sessions are encrypted by RPC encryption instead of TLS."),
    forced("spark.io.encryption.enabled", "true", _ENCRYPT),
    Protection("spark.io.encryption.keySizeBits", "256", _is("256"), _ENCRYPT),
    Protection(
        "spark.io.encryption.keygen.algorithm", "HmacSHA256", _is(*_HMACS[1:]), _ENCRYPT
    ),
    refused("spark.io.encryption.commons.config.", _ENCRYPT),
    forced("spark.ui.enabled", "false", _UI),
    refused("spark.ui.filters", _UI),
    only("spark.ui.prometheus.enabled", "false", _UI),
    forced("spark.acls.enable", "true", _ACCESS),
    only("spark.ui.acls.enable", "true", _ACCESS),
    refused("spark.admin.acls", _ACCESS),
    refused("spark.admin.acls.groups", _ACCESS),
    refused("spark.modify.acls", _ACCESS),
    refused("spark.modify.acls.groups", _ACCESS),
    refused("spark.ui.view.acls", _ACCESS),
    refused("spark.ui.view.acls.groups", _ACCESS),
    refused("spark.user.groups.mapping", _ACCESS),
    refused("spark.redaction.regex", "It keeps secrets out of logs."),
    refused("spark.redaction.string.regex", "It keeps secrets out of logs."),
    only("spark.driver.userClassPathFirst", "false", CODE),
    only("spark.executor.userClassPathFirst", "false", CODE),
    only("spark.shuffle.service.enabled", "false", _SHUFFLE),
    forced("spark.submit.deployMode", "client", _MODE),
    forced("spark.api.mode", "classic", _MODE),
    refused("spark.remote", _MODE),
    refused("spark.local.connect.", _MODE),
)

LOOPBACK_ONLY = (
    refused("spark.plugins", CODE),
    forced("spark.driver.bindAddress", LOOPBACK, _PORTS),
    forced("spark.driver.host", LOOPBACK, _PORTS),
    forced("spark.driver.port", "0", _PORTS),
    forced("spark.driver.blockManager.port", "0", _PORTS),
    forced("spark.blockManager.port", "0", _PORTS),
)


def separator_of(key: str) -> str | None:
    """Return what joins the values of a key, None where a key has a single value."""
    return SEPARATORS.get(key)


def protection_of(key: str, table: Iterable[Protection]) -> Protection | None:
    """Return the first protection of the table that covers a key, if any."""
    return next((entry for entry in table if entry.covers(key)), None)


def join(separator: str, first: str, second: str) -> str:
    """Join two collections, each entry once, in the order of first appearance.

    Java options keep repeats, because their order has a meaning: the last of two equal
    options counts.
    """
    entries = [*first.split(separator), *second.split(separator)]
    kept = [entry for entry in entries if entry.strip()]
    return separator.join(kept if separator == " " else dict.fromkeys(kept))
