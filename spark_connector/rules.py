"""The rules for Spark keys: how values join, and which keys protect a session.

Two tables and nothing else. `PROTECTED` follows Spark's security page
(https://spark.apache.org/docs/latest/security.html); `docs/bundles.md` explains both.
"""

from collections.abc import Callable
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
        """Return whether this protection is about a key.

        Parameters
        ----------
        key
            A Spark key.

        Returns
        -------
        bool
            True for the key itself, or for a key with this beginning.
        """
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


def _forced(key: str, value: str, reason: str) -> Protection:
    return Protection(key, value, _is(value), reason)


def _only(key: str, value: str, reason: str) -> Protection:
    return Protection(key, None, _is(value), reason)


def _refused(key: str, reason: str) -> Protection:
    return Protection(key, None, _never, reason)


_AUTHENTICATE = "Every connection of a session is authenticated."
_ENCRYPT = "Everything that a session sends or spills is encrypted."
_CREDENTIAL = "Each session makes its own secret; nobody else may know or choose it."
_UI = "The Spark UI has no login of its own, so it is off."
_ACCESS = "Only the owner of a session may see and change it."
_PORTS = "Every port of a local session is open to this machine only."
_CODE = "Foreign code must not replace or watch Spark's own."
_MODE = "The bundle's cluster decides where Spark runs."
_HMACS = ("HmacSHA1", "HmacSHA256", "HmacSHA384", "HmacSHA512")

PROTECTED = (
    _forced("spark.authenticate", "true", _AUTHENTICATE),
    _only("spark.authenticate.enableSaslEncryption", "true", _ENCRYPT),
    _refused("spark.authenticate.secret", _CREDENTIAL),
    _refused("spark.authenticate.secret.", _CREDENTIAL),
    Protection("spark.authenticate.secretBitLength", None, _at_least(256), _CREDENTIAL),
    _forced("spark.network.crypto.enabled", "true", _ENCRYPT),
    _forced("spark.network.crypto.cipher", "AES/GCM/NoPadding", _ENCRYPT),
    _forced("spark.network.crypto.saslFallback", "false", _ENCRYPT),
    Protection("spark.network.crypto.authEngineVersion", "2", _at_least(2), _ENCRYPT),
    Protection("spark.network.crypto.keyLength", None, _at_least(128), _ENCRYPT),
    Protection(
        "spark.network.crypto.keyFactoryIterations", None, _at_least(1024), _ENCRYPT
    ),
    _refused("spark.network.crypto.keyFactoryAlgorithm", _ENCRYPT),
    _refused("spark.network.crypto.config.", _ENCRYPT),
    _only("spark.network.sasl.serverAlwaysEncrypt", "true", _ENCRYPT),
    _refused("spark.ssl.", "Sessions are encrypted by RPC encryption instead of TLS."),
    _forced("spark.io.encryption.enabled", "true", _ENCRYPT),
    Protection("spark.io.encryption.keySizeBits", "256", _is("256"), _ENCRYPT),
    Protection(
        "spark.io.encryption.keygen.algorithm", "HmacSHA256", _is(*_HMACS[1:]), _ENCRYPT
    ),
    _refused("spark.io.encryption.commons.config.", _ENCRYPT),
    _forced("spark.ui.enabled", "false", _UI),
    _refused("spark.ui.filters", _UI),
    _only("spark.ui.prometheus.enabled", "false", _UI),
    _forced("spark.acls.enable", "true", _ACCESS),
    _only("spark.ui.acls.enable", "true", _ACCESS),
    _refused("spark.admin.acls", _ACCESS),
    _refused("spark.admin.acls.groups", _ACCESS),
    _refused("spark.modify.acls", _ACCESS),
    _refused("spark.modify.acls.groups", _ACCESS),
    _refused("spark.ui.view.acls", _ACCESS),
    _refused("spark.ui.view.acls.groups", _ACCESS),
    _refused("spark.user.groups.mapping", _ACCESS),
    _refused("spark.redaction.regex", "It keeps secrets out of logs."),
    _refused("spark.redaction.string.regex", "It keeps secrets out of logs."),
    _refused("spark.plugins", _CODE),
    _only("spark.driver.userClassPathFirst", "false", _CODE),
    _only("spark.executor.userClassPathFirst", "false", _CODE),
    _forced("spark.driver.bindAddress", LOOPBACK, _PORTS),
    _forced("spark.driver.host", LOOPBACK, _PORTS),
    _forced("spark.driver.port", "0", _PORTS),
    _forced("spark.driver.blockManager.port", "0", _PORTS),
    _forced("spark.blockManager.port", "0", _PORTS),
    _only("spark.shuffle.service.enabled", "false", _PORTS),
    _forced("spark.submit.deployMode", "client", _MODE),
    _forced("spark.api.mode", "classic", _MODE),
    _refused("spark.remote", _MODE),
    _refused("spark.local.connect.", _MODE),
)

# Java options that would set protected keys behind Spark's back, load foreign code
# before Spark's, open a port, or read more options from somewhere else.
REFUSED_JAVA_OPTIONS = {
    "-Dspark.": "Spark settings belong into the options, where they are checked.",
    "-Dcom.sun.management": "It opens a management port.",
    "-Djava.security.": "It changes Java's own protection.",
    "-Djava.rmi.": "It changes what remote calls listen on.",
    "-Djdk.": "It changes Java's own protection.",
    "-Dlog4j": "Logging is set by Cygnet, so that no secret is logged.",
    "-javaagent:": "An agent can change Spark's own code.",
    "-agentlib:": "An agent can open a debugging port and change Spark's own code.",
    "-agentpath:": "An agent can change Spark's own code.",
    "-Xrun": "It loads an agent, which can change Spark's own code.",
    "-Xdebug": "It opens a debugging port.",
    "-Xbootclasspath": "It replaces Java's own classes.",
    "--patch-module": "It replaces Java's own classes.",
    "--upgrade-module-path": "It replaces Java's own classes.",
    "-XX:OnError": "It runs a command.",
    "-XX:OnOutOfMemoryError": "It runs a command.",
    "-XX:Flags": "It reads more options from a file.",
    "-XX:VMOptionsFile": "It reads more options from a file.",
    "@": "It reads more options from a file.",
    "-XX:+HeapDump": "The dump would hold the session's secret.",
    "-XX:SharedArchiveFile": "It replaces Java's own classes.",
    "-XX:MaxHeapSize": "The memory is set by spark.driver.memory or the cluster.",
    "-Xmx": "The memory is set by spark.driver.memory or the bundle's cluster.",
}


def separator_of(key: str) -> str | None:
    """Return what joins the values of a key.

    Parameters
    ----------
    key
        A Spark key.

    Returns
    -------
    str or None
        The separator, or None where the key has a single value.
    """
    return SEPARATORS.get(key)


def protection_of(key: str) -> Protection | None:
    """Return how a key is protected.

    Parameters
    ----------
    key
        A Spark key.

    Returns
    -------
    Protection or None
        None for a key that anybody may set.
    """
    return next((entry for entry in PROTECTED if entry.covers(key)), None)


def join(separator: str, first: str, second: str) -> str:
    """Join two collections, each entry once, in the order of first appearance.

    Parameters
    ----------
    separator
        As `separator_of` gives it.
    first, second
        Collections written with the separator; either may be empty.

    Returns
    -------
    str
        Every entry of both. Java options keep repeats, because their order means
        something: the last of two equal options counts.
    """
    entries = [*first.split(separator), *second.split(separator)]
    kept = [entry for entry in entries if entry.strip()]
    return separator.join(kept if separator == " " else dict.fromkeys(kept))
