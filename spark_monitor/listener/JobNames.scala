package org.apache.spark.cygnet

import java.util.{LinkedHashMap, Map => JavaMap}

import org.apache.spark.scheduler.StageInfo
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart

/** What to call a job: what the user called it, else the call that began its query, else a stage. */
private[cygnet] final class JobNames {

  private val queries = new LinkedHashMap[String, String] {
    override def removeEldestEntry(eldest: JavaMap.Entry[String, String]): Boolean = size > 500
  }

  /** Jobs of a query run in Spark's own threads and would else be called after those. */
  def learn(start: SparkListenerSQLExecutionStart): Unit =
    queries.put(start.executionId.toString, Text.cut(start.description, StageTable.NameLimit))

  def of(property: String => String, stages: Seq[StageInfo]): String = {
    // Without it, jobs of a query would be called `$anonfun$withThreadLocalCaptured$1 at …`.
    val query = Option(property("spark.sql.execution.id")).flatMap(id => Option(queries.get(id)))
    def called = query.filter(_.nonEmpty)
      .orElse(Option(property("callSite.short")).filter(_.nonEmpty))
      .orElse(stages.maxByOption(_.stageId).map(_.name))
      .map(Text.callSite)
    Option(property("spark.job.description")).filter(_.nonEmpty).map(Text.description)
      .orElse(called).getOrElse("")
  }
}
