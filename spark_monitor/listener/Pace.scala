package org.apache.spark.cygnet

/**
 * When the next frame is due. The rate gives way to size: ten frames a second down to two. A job
 * that starts or ends may hurry its frame, within a credit of bytes. Times in milliseconds of any
 * steady clock.
 */
private[cygnet] final class Pace {
  import Pace._

  private var servedAt = Long.MinValue
  private var gap = 0L
  private var credit = CreditBytes

  def due(changed: Boolean, urgent: Boolean, running: Boolean): Long =
    if (servedAt == Long.MinValue) servedAt
    else if (urgent) servedAt + (if (credit > 0) UrgentGap else math.min(gap, PoorGap))
    else if (changed) servedAt + gap
    else if (running) servedAt + Heartbeat
    else Long.MaxValue

  def served(now: Long, bytes: Int, urgent: Boolean): Unit = {
    val waited = if (servedAt == Long.MinValue) 0L else now - servedAt
    credit = math.min(CreditBytes, credit + waited * BytesPerSecond / 1000)
    // Only hurried frames spend it: thousands of tiny jobs may not flood the page, and the end
    // of a long job with large frames still shows at once.
    if (urgent) credit -= bytes
    gap = math.max(ShortestGap, math.min(LongestGap, bytes * 1000L / BytesPerSecond))
    servedAt = now
  }
}

private[cygnet] object Pace {
  val BytesPerSecond = 12000L
  val CreditBytes = 24000L
  val ShortestGap = 100L
  val LongestGap = 500L
  val UrgentGap = 100L
  val PoorGap = 250L
  val Heartbeat = 1000L
}
