package org.apache.spark.cygnet

import scala.collection.mutable

/**
 * The queries of SQL and of streams that run, each from Spark's event of its start to that of its
 * end: Spark runs a job for each stage of a query, and a query goes on between two of them.
 */
private[cygnet] final class Queries {
  import Queries._

  private val running = new mutable.LinkedHashSet[String]

  /** Takes note of a start; gives the query that is given up for it, if there are too many. */
  def started(id: String): Option[String] = {
    running += id
    // A busy bus drops events. A query whose end was dropped must not run forever.
    val oldest = if (running.size > Limit) running.headOption else None
    oldest.foreach(running -= _)
    oldest
  }

  def ended(id: String): Unit = running -= id

  /** The running queries that a job with these properties works for. */
  def of(property: String => String): Set[String] = {
    val queries = Seq(property(QueryProperty), property(RootProperty)).map(sql)
    (queries :+ stream(property(StreamProperty))).filter(running.contains).toSet
  }
}

private[cygnet] object Queries {
  val QueryProperty = "spark.sql.execution.id"
  val RootProperty = "spark.sql.execution.root.id"
  val StreamProperty = "sql.streaming.queryId"
  val Limit = 500

  def sql(id: Any): String = s"sql $id"

  def stream(id: Any): String = s"stream $id"
}
