package org.apache.spark.cygnet

import scala.collection.mutable

/**
 * Which running jobs end when their cell is interrupted: batch jobs that it had submitted before.
 * Not thread-safe: the listener holds a lock.
 */
private[cygnet] final class Interruptible {
  import Interruptible._

  /** By job, how often its cell had been interrupted when it was submitted. */
  private val interrupts = new mutable.HashMap[Int, Int]

  def started(id: Int, property: String => String): Unit =
    if (StreamProperties.forall(property(_) == null))
      interrupts(id) = Option(property(InterruptsProperty)).flatMap(_.toIntOption).getOrElse(0)

  def ended(id: Int): Unit = interrupts.remove(id)

  def ends(id: Int, atInterrupt: Int): Boolean = interrupts.get(id).exists(_ < atInterrupt)
}

private[cygnet] object Interruptible {
  val InterruptsProperty = "cygnet.interrupts"

  /** What Spark sets for the jobs of a structured stream and of a DStream. */
  val StreamProperties = Seq("sql.streaming.queryId", "spark.streaming.internal.batchTime")
}
