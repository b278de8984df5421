package org.apache.spark.cygnet

import java.io.StringWriter

import scala.util.control.NonFatal

import com.fasterxml.jackson.core.JsonFactory

import org.apache.spark.SparkContext
import org.apache.spark.scheduler.SparkListenerEvent
import org.apache.spark.scheduler.cluster.CoarseGrainedSchedulerBackend

/** Reports the executors that there are, and to the listener why others are missing. */
class ExecutorReport {

  /**
   * A JSON object: `wanted`, a number or null, and `executors`, from id to an object of settings,
   * or to null for one that has not reported its settings.
   */
  def read(sc: SparkContext): String = {
    val text = new StringWriter
    val out = new JsonFactory().createGenerator(text)
    out.writeStartObject()
    Executors.wanted(sc).fold(out.writeNullField("wanted"))(out.writeNumberField("wanted", _))
    out.writeObjectFieldStart("executors")
    registered(sc).foreach { id =>
      Option(SettingsBook.reported.get(id)) match {
        case None => out.writeNullField(id)
        case Some(settings) =>
          out.writeObjectFieldStart(id)
          out.writeStringField("spark.authenticate", settings.isAuthenticated.toString)
          out.writeStringField("spark.network.crypto.enabled", settings.isCrypted.toString)
          out.writeStringField("spark.io.encryption.enabled", settings.isStoredCrypted.toString)
          out.writeEndObject()
      }
    }
    out.writeEndObject()
    out.writeEndObject()
    out.close()
    text.toString
  }

  /** Puts the reason why executors are missing into the next frames; null when none are. */
  def report(sc: SparkContext, shortage: String): Unit =
    sc.listenerBus.post(ExecutorShortage(shortage))

  private def registered(sc: SparkContext): Seq[String] = sc.schedulerBackend match {
    case backend: CoarseGrainedSchedulerBackend => backend.getExecutorIds()
    case _ => Seq.empty
  }
}

/** @param slots how many tasks can run at once, if known
  * @param shortage why there are fewer than wanted, or null
  */
private[cygnet] final case class Executors(
    count: Int, cores: Int, tasksActive: Int, slots: Option[Int], wanted: Int, shortage: String) {

  /**
   * Spark reports a task's start before the end of the one whose place it took, so
   * that more tasks seem to run than can.
   */
  def possible(active: Long): Long = slots.fold(active)(math.min(active, _))
}

private[cygnet] object Executors {

  /** How many executors Spark asks for now; none where it asks for none, as in local mode. */
  def wanted(sc: SparkContext): Option[Int] =
    // Spark's own map is read without its lock, which is held during calls to the cluster.
    try sc.executorAllocationManager.map(_.numExecutorsTargetPerResourceProfileId.values.sum)
      .orElse(sc.conf.getOption("spark.executor.instances").map(_.toInt))
    catch { case NonFatal(_) => None }
}

/** Travels over Spark's bus, so that each listener gets it in order. */
private[cygnet] final case class ExecutorShortage(text: String) extends SparkListenerEvent {
  override protected[spark] def logEvent: Boolean = false
}
