package org.apache.spark.cygnet

import java.nio.charset.StandardCharsets.UTF_8

/** Texts as they go on the wire. */
private[cygnet] object Text {

  private val Traceback = "Traceback (most recent call last):"
  private val ErrorLine = """^[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit|Warning)\b.*""".r

  // What pyspark 4.3 says when it does not know, what it says before, and IPython's cell files.
  private val Nowhere = """(.+) at (?:<unknown>|NativeMethodAccessorImpl\.java):0""".r
  private val CellLine = """(.+) at \S*ipykernel_\d+\S*?\d+\.py:(\d+)""".r

  private val OwnThread = """\$anonfun\$.*""".r

  // The last frame before Spark's own is Python's, or our wrapper's, in a thread or pool.
  private val Machinery =
    """(.+) at \S*/(?:python3\.\d+/(?!site-packages|dist-packages)|spark_monitor/)\S+:\d+""".r

  // Spark's methods behind those of a DataFrame, in pyspark 3.5 to 4.3, and its wrapper of threads.
  private val Methods = Map(
    "collectAsArrowToPython" -> "toPandas",
    "collectToPython" -> "collect",
    "copy_local_properties" -> "",
    "getRowsToPython" -> "show",
    "htmlString" -> "show",
    "javaToPython" -> "rdd",
    "showString" -> "show",
    "tailToPython" -> "tail",
    "toPythonIterator" -> "toLocalIterator",
    "wrapped" -> "")

  // How Spark describes a batch of a stream: 4.3 without the breaks, which older ones have.
  private val Batch = {
    val id = "[0-9a-f-]{36}(?:<br/>)?"
    (s"(?s)\\s*(?:(\\S.*?)(?:<br/>)?\\s+)?id = $id\\s*runId = $id\\s*" + "batch = (\\S+)").r
  }

  /** A call site as the author of the cell knows it; empty for Spark's own threads. */
  def callSite(text: String): String = text match {
    case OwnThread() => ""
    case Nowhere(call) => method(call)
    case Machinery(call) => method(call)
    case CellLine(call, line) => s"${method(call)}, line $line"
    case other => description(other)
  }

  /** The user's name of a job; a batch of a stream by the stream's name, and not by its ids. */
  def description(text: String): String = text match {
    case Batch(name, batch) =>
      val stream = Option(name).getOrElse("Stream")
      if (batch == "init") s"$stream, start" else s"$stream, batch $batch"
    case other => other
  }

  private def method(name: String): String = Methods.getOrElse(name, name)

  /**
   * A well-formed text of at most `limit` UTF-16 units; one that was cut ends with an ellipsis.
   * A surrogate without its partner becomes a question mark: it could not be sent as UTF-8.
   */
  def cut(text: String, limit: Int): String = {
    val whole = if (text == null) "" else text
    if (whole.length <= limit) wellFormed(whole)
    else {
      val end = if (Character.isHighSurrogate(whole.charAt(limit - 2))) limit - 2 else limit - 1
      wellFormed(whole.substring(0, end)) + "…"
    }
  }

  def cutOrNull(text: String, limit: Int): String = if (text == null) null else cut(text, limit)

  /**
   * Why a job failed, in as few words as the message allows: the last line that names an error
   * when the message carries a Python traceback, then its first line.
   */
  def reason(message: String): String = {
    val lines = Option(message).getOrElse("").split("Driver stacktrace:", 2)(0)
      .linesIterator.map(_.trim).filter(_.nonEmpty).toVector
    val first = lines.headOption.getOrElse("The job failed without a message.")
    val cause =
      if (message != null && message.contains(Traceback))
        lines.drop(1).reverseIterator.find(line => ErrorLine.pattern.matcher(line).matches)
      else None
    val context = first.replace(Traceback, "").trim
    cause.fold(first)(line => if (context.isEmpty) line else s"$line\n$context")
  }

  private def wellFormed(text: String): String = new String(text.getBytes(UTF_8), UTF_8)
}
