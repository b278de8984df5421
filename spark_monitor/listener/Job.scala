package org.apache.spark.cygnet

import scala.collection.mutable.{ArrayBuffer, HashSet}

private[cygnet] sealed abstract class JobState(val word: String)

private[cygnet] object JobState {
  case object Running extends JobState("running")
  case object Succeeded extends JobState("succeeded")
  case object Failed extends JobState("failed")
  case object Stopped extends JobState("stopped")
}

/** The cell that submitted the work: both parts null when it is not known. */
private[cygnet] final case class CellKey(cellId: String, executionId: String)

private[cygnet] final class Job(
    val id: Int, val cell: Cell, val name: String, val startedMs: Long) {
  var state: JobState = JobState.Running
  var endedMs = -1L
  var error: String = null

  /** Why the user stopped this job, or null. */
  var stopReason: String = null

  /** Stages in the order of their ids. */
  var uses: Vector[StageUse] = Vector.empty

  /** Stages that `uses` does not hold any more. */
  val folded = new Counts
  private val foldedOwn = new Counts

  def isRunning: Boolean = state == JobState.Running

  def counts: Counts = sum(folded, uses)

  /** The part of the counts that no other job of the cell counts too. */
  def ownCounts: Counts = sum(foldedOwn, uses.filter(_.isOwn))

  def ended(at: Long, as: JobState, why: String): Unit = {
    state = as
    endedMs = at
    error = why
    uses.foreach(_.settle())
  }

  /** Keeps the last `limit` stages and only the numbers of the others. */
  def fold(limit: Int): Unit = {
    // The last stages are nearest to the result that the user asked for.
    val (old, kept) = uses.splitAt(uses.size - limit)
    old.foreach { use =>
      folded.add(use)
      if (use.isOwn) foldedOwn.add(use)
    }
    uses = kept
  }

  /** Takes over numbers that Spark counted before this listener was there. */
  def imported(counts: Counts): Unit = {
    folded.add(counts)
    foldedOwn.add(counts)
  }

  private def sum(start: Counts, parts: Seq[StageUse]): Counts = {
    val result = new Counts
    result.add(start)
    parts.foreach(result.add)
    result
  }
}

/**
 * All work that one execution of one cell submitted.
 *
 * @param isExecuting whether the cell's own code still runs
 */
private[cygnet] final class Cell(
    val key: CellKey, val startedMs: Long, var isExecuting: Boolean = false) {

  /** Queries that run and have had a job here. */
  val queries = new HashSet[String]

  /** Why the user stopped this cell: holds for every job that it starts before it is at rest. */
  var stopReason: String = null

  /** When the cell came to rest, or -1: its code may have gone on after its last job. */
  var restedMs = -1L

  /** Jobs in the order they started, without those that were folded. */
  val jobs = new ArrayBuffer[Job]
  private val foldedJobs = new JobCounts
  private val folded = new Counts
  private var foldedEndMs = -1L

  def jobsFolded: Int = foldedJobs.total

  /** Work goes on while a job or a query runs, and as long as more may come from the cell. */
  def isRunning: Boolean = isExecuting || queries.nonEmpty || jobs.exists(_.isRunning)

  def state: JobState = if (isRunning) JobState.Running else jobCounts.state

  def endedMs: Long =
    if (isRunning) -1L else jobs.foldLeft(foldedEndMs)((at, job) => math.max(at, job.endedMs))

  def jobCounts: JobCounts = {
    val result = new JobCounts
    result.add(foldedJobs)
    jobs.foreach(job => result.add(job.state))
    result
  }

  def counts: Counts = {
    val result = new Counts
    result.add(folded)
    jobs.foreach(job => result.add(job.ownCounts))
    result
  }

  /** Keeps only the numbers of an ended job. */
  def fold(job: Job): Unit = {
    jobs -= job
    foldedJobs.add(job.state)
    folded.add(job.ownCounts)
    foldedEndMs = math.max(foldedEndMs, job.endedMs)
  }
}
