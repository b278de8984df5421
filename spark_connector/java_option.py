"""Which Java options a session may be given.

Pure. Options that begin with `-X` or `--` pass only where a table permits them: Java
has hundreds, and more with each release. System properties (`-D`) are free, except for
names of Java, Spark and logging. `docs/bundles/protection.md` explains both.
"""

import re
import shlex
from dataclasses import dataclass

# Where the reason says more than that a table does not permit the option.
REFUSED_JAVA_OPTIONS = {
    "-Dspark.": "Spark settings belong into the options, where they are checked.",
    "-Dcom.sun.management": "It opens a management port.",
    "-Djava.security.": "It changes Java's own protection.",
    "-Djavax.net.": "Java trusts what this machine or SSL_CERT_FILE does.",
    "-Djava.rmi.": "It changes what remote calls listen on.",
    "-Djdk.": "It changes Java's own protection.",
    "-Dderby.drda.": "It opens a port to the metastore's database.",
    "-Dkubeconfig": "The service says how the cluster is reached.",
    "-Dkubernetes.": "The service says how the cluster is reached.",
    "-Dlog4j": "Logging is set by Cygnet, so that no secret is logged.",
    "-javaagent:": "An agent can change Spark's own code.",
    "-agentlib:": "An agent can open a debugging port and change Spark's own code.",
    "-agentpath:": "An agent can change Spark's own code.",
    "-Xrun": "It loads an agent, which can change Spark's own code.",
    "-Xdebug": "It opens a debugging port.",
    "-Xbootclasspath": "It replaces Java's own classes.",
    "--patch-module": "It replaces Java's own classes.",
    "--upgrade-module-path": "It replaces Java's own classes.",
    "-cp": "Class paths are set by spark.driver.extraClassPath.",
    "-classpath": "Class paths are set by spark.driver.extraClassPath.",
    "--class-path": "Class paths are set by spark.driver.extraClassPath.",
    "-p": "Class paths are set by spark.driver.extraClassPath.",
    "--module-path": "Class paths are set by spark.driver.extraClassPath.",
    "-jar": "It starts another program than Spark.",
    "-Xlog": "Java's log may go to its output only, e.g. -Xlog:gc:stdout.",
    "-XX:OnError": "It runs a command.",
    "-XX:OnOutOfMemoryError": "It runs a command.",
    "-XX:Flags": "It reads more options from a file.",
    "-XX:VMOptionsFile": "It reads more options from a file.",
    "@": "It reads more options from a file.",
    "-XX:+HeapDump": "The dump would hold the session's secret.",
    "-XX:StartFlightRecording": "The recording would hold the session's secret.",
    "-XX:FlightRecorder": "The recording would hold the session's secret.",
    "-XX:SharedArchiveFile": "It replaces Java's own classes.",
    "-XX:ArchiveClassesAtExit": "It writes a file of Spark's own classes.",
    "-XX:AOT": "It replaces Java's own classes.",
    "-XX:MaxHeapSize": "The memory is set by spark.driver.memory or the cluster.",
    "-Xmx": "The memory is set by spark.driver.memory or the bundle's cluster.",
}

_NOT_PERMITTED = (
    "It is not among the permitted ones, which docs/bundles/protection.md lists."
)
_RESERVED = (
    "Names of Java, Spark and logging are reserved; "
    "docs/bundles/protection.md lists them."
)

# What belongs to Java, to Spark and to logging. For Java's own see the documentation of
# System.getProperties and https://docs.oracle.com/en/java/javase/25/core/.
RESERVED_PROPERTIES = (
    "awt.",
    "com.ibm.",
    "com.sun.",
    "cygnet.",
    "derby.drda.",
    "file.",
    "java.",
    "javax.",
    "jdk.",
    "jvmci.",
    "kubeconfig",
    "kubernetes.",
    "line.",
    "log4j",
    "logback",
    "native.",
    "org.apache.commons.logging",
    "org.apache.log4j",
    "org.apache.logging",
    "org.apache.spark",
    "org.slf4j",
    "os.",
    "path.",
    "py4j",
    "scala.",
    "slf4j",
    "spark.",
    "stderr.",
    "stdin.",
    "stdout.",
    "sun.",
    "user.",
)
PERMITTED_PROPERTIES = (
    "file.encoding",
    "java.awt.headless",
    "java.io.tmpdir",
    "java.net.preferIPv4Stack",
    "java.net.preferIPv6Addresses",
    "java.net.useSystemProxies",
    "java.util.concurrent.ForkJoinPool.common.parallelism",
    "stderr.encoding",
    "stdin.encoding",
    "stdout.encoding",
    "sun.io.serialization.extendedDebugInfo",
    "sun.jnu.encoding",
    "sun.net.client.defaultConnectTimeout",
    "sun.net.client.defaultReadTimeout",
    "user.country",
    "user.language",
    "user.region",
    "user.timezone",
    "user.variant",
)

# Switches of the JVM, each `-XX:+NAME` or `-XX:-NAME`.
PERMITTED_SWITCHES = re.compile(
    r"""
    AlwaysPreTouch | DisableExplicitGC | ExitOnOutOfMemoryError |
    ExplicitGCInvokesConcurrent | IgnoreUnrecognizedVMOptions |
    OmitStackTraceInFastThrow | OptimizeStringConcat | ParallelRefProcEnabled |
    PerfDisableSharedMem | PrintCommandLineFlags | PrintFlagsFinal | PrintGC |
    PrintGCDetails | ResizePLAB | ScavengeBeforeFullGC |
    ShowCodeDetailsInExceptionMessages | TieredCompilation |
    UnlockDiagnosticVMOptions | UnlockExperimentalVMOptions |
    UseAdaptiveSizePolicy | UseCodeCacheFlushing | UseCompactObjectHeaders |
    UseCompressedClassPointers | UseCompressedOops | UseContainerSupport |
    UseCountedLoopSafepoints | UseDynamicNumberOfGCThreads | UseG1GC |
    UseGCOverheadLimit | UseLargePages | UseNUMA | UseParallelGC | UsePerfData |
    UseSerialGC | UseShenandoahGC | UseStringDeduplication | UseSuperWord |
    UseTransparentHugePages | UseZGC | ZGenerational
    """,
    re.VERBOSE,
)
# Sizes, numbers and words, each `-XX:NAME=VALUE`.
PERMITTED_VALUES = re.compile(
    r"""
    ActiveProcessorCount | AutoBoxCacheMax | CICompilerCount |
    CompressedClassSpaceSize | ConcGCThreads | FreqInlineSize | G1HeapRegionSize
    | G1HeapWastePercent | G1MaxNewSizePercent | G1MixedGCCountTarget |
    G1MixedGCLiveThresholdPercent | G1NewSizePercent |
    G1RSetUpdatingPauseTimePercent | G1ReservePercent | GCHeapFreeLimit |
    GCTimeLimit | GCTimeRatio | InitialCodeCacheSize | InitialHeapSize |
    InitiatingHeapOccupancyPercent | InlineSmallCode | LargePageSizeInBytes |
    MaxDirectMemorySize | MaxGCPauseMillis | MaxHeapFreeRatio | MaxInlineSize |
    MaxMetaspaceSize | MaxNewSize | MaxTenuringThreshold | MetaspaceSize |
    MinHeapFreeRatio | MinHeapSize | NativeMemoryTracking | NewRatio | NewSize |
    ObjectAlignmentInBytes | ParallelGCThreads | ReservedCodeCacheSize |
    ShenandoahGCHeuristics | SoftMaxHeapSize | SoftRefLRUPolicyMSPerMB |
    StringTableSize | SurvivorRatio | TargetSurvivorRatio | ThreadStackSize |
    TieredStopAtLevel | UseAVX | ZCollectionInterval
    """,
    re.VERBOSE,
)

# Other options, written out or as patterns of the whole option.
PERMITTED_OPTIONS = (
    r"-X(ms|mn|ss)\d+[kKmMgG]?",
    r"-X(int|comp|mixed|batch|noclassgc)",
    r"-Xshare:(auto|on|off)",
    # Java's log goes to its output, never to a file.
    r"-Xlog(:[\w*+=,]*(:(stdout|stderr)?(:[\w,]*)?)?)?",
    r"-verbose(:(gc|class|module|jni))?",
    r"-(ea|da|enableassertions|disableassertions)(:[\w.$]+)?",
    r"-(esa|dsa|enablesystemassertions|disablesystemassertions|server|client)",
    r"--add-modules=[\w.,]+",
    r"--add-(opens|exports)=[\w.]+/[\w.]+=ALL-UNNAMED",
    r"--add-reads=[\w.]+=ALL-UNNAMED",
    r"--enable-native-access=ALL-UNNAMED",
    r"--enable-preview",
    r"--illegal-access=(permit|warn|debug|deny)",
    r"--sun-misc-unsafe-memory-access=(allow|warn|debug|deny)",
)

# Java takes the value of these also as the next word.
_VALUE_FOLLOWS = re.compile(
    r"--(add-(modules|opens|exports|reads)|enable-native-access|illegal-access|"
    r"limit-modules|patch-module|upgrade-module-path|module-path|class-path|module|"
    r"source|describe-module)|-(cp|classpath|p|m|d|jar)"
)
_PROPERTY = re.compile(r"-D([A-Za-z_][\w.\-]*)(=.*)?", re.DOTALL)
_SWITCH = re.compile(r"-XX:[+-](\w+)")
_VALUE = re.compile(r"-XX:(\w+)=\w+")
_OPTION = re.compile("|".join(PERMITTED_OPTIONS))


@dataclass(frozen=True, slots=True)
class Refusal:
    """One Java option that is refused."""

    option: str
    """The option without its value, which may be a secret."""

    reason: str
    """Why, one sentence."""


def refused_options(text: str) -> list[Refusal]:
    """Return the options that a session must not be given, in the order of the text.

    Raises ValueError if the text can be read in more than one way, with the reason.

    Notes
    -----
    Spark's launcher and Java split such a text differently where it has a backslash or
    unusual white space, so a text with either is refused as a whole; so is one with
    `${…}`, which executors replace with the value of any other setting.
    """
    if "${" in text:
        message = "The Java options have '${', which Spark would fill in unseen."
        raise ValueError(message)
    odd = [char for char in text if char == "\\" or not _is_plain(char)]
    if odd:
        message = f"The Java options have the character {odd[0]!a}, which is ambiguous."
        raise ValueError(message)
    try:
        words = shlex.split(text)
    except ValueError as error:
        message = "The Java options have a quote without its end."
        raise ValueError(message) from error
    return [refusal for option in _joined(words) if (refusal := _refusal(option))]


def _is_plain(char: str) -> bool:
    return char in " \t\r\n" or (char.isprintable() and not char.isspace())


def _joined(words: list[str]) -> list[str]:
    """Return the words, those that are values of the word before joined to it."""
    options: list[str] = []
    for word in words:
        is_value = options and _VALUE_FOLLOWS.fullmatch(options[-1])
        if is_value:
            options[-1] = f"{options[-1]}={word}"
        else:
            options.append(word)
    return options


def _refusal(option: str) -> Refusal | None:
    if _is_permitted(option):
        return None
    name = option.partition("=")[0]
    for start, reason in REFUSED_JAVA_OPTIONS.items():
        if option.startswith(start):
            return Refusal(name, reason)
    return Refusal(name, _RESERVED if option.startswith("-D") else _NOT_PERMITTED)


def _is_permitted(option: str) -> bool:
    if match := _PROPERTY.fullmatch(option):
        name = match[1]
        return name in PERMITTED_PROPERTIES or not name.startswith(RESERVED_PROPERTIES)
    if match := _SWITCH.fullmatch(option):
        return PERMITTED_SWITCHES.fullmatch(match[1]) is not None
    if match := _VALUE.fullmatch(option):
        return PERMITTED_VALUES.fullmatch(match[1]) is not None
    return _OPTION.fullmatch(option) is not None
