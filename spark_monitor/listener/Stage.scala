package org.apache.spark.cygnet

import org.apache.spark.scheduler.StageInfo

private[cygnet] sealed abstract class StageState(val word: String)

private[cygnet] object StageState {
  case object Pending extends StageState("pending")
  case object Active extends StageState("active")
  case object Succeeded extends StageState("succeeded")
  case object Failed extends StageState("failed")
  case object Skipped extends StageState("skipped")
}

/** A stage and its newest attempt; jobs that share the stage share this object. */
private[cygnet] final class Stage(val id: Int, val name: String, var total: Int) {
  var attempt = 0
  var state: StageState = StageState.Pending
  var startedMs = -1L
  var endedMs = -1L
  var running = 0
  var failed = 0
  var killed = 0

  /** How many jobs that have not ended use this stage. */
  var liveJobs = 0

  private var inAttempt = 0

  /** Partitions that earlier attempts finished and that are not computed again. */
  private var before = 0

  def isDone: Boolean = state == StageState.Succeeded || state == StageState.Failed

  def succeeded: Int =
    if (state == StageState.Succeeded) total else math.min(total, before + inAttempt)

  def submitted(info: StageInfo): Unit = {
    if (info.attemptNumber() == 0) total = info.numTasks
    else {
      // An attempt computes only what is missing. The first one may have known of less.
      total = math.max(total, info.numTasks)
      before = total - info.numTasks
    }
    attempt = info.attemptNumber()
    inAttempt = 0
    state = StageState.Active
    startedMs = info.submissionTime.getOrElse(-1L)
    endedMs = -1L
  }

  def completed(info: StageInfo): Unit = if (info.attemptNumber() == attempt) {
    state = if (info.failureReason.isEmpty) StageState.Succeeded else StageState.Failed
    startedMs = info.submissionTime.getOrElse(startedMs)
    endedMs = info.completionTime.getOrElse(-1L)
  }

  def taskSucceeded(inTaskAttempt: Int): Unit =
    // A late success of an older attempt spares the newer one that partition.
    if (inTaskAttempt == attempt) inAttempt += 1 else before += 1

  /** A task's result was lost with its executor; the task runs again. */
  def taskLost(): Unit = if (inAttempt > 0) inAttempt -= 1 else before = math.max(0, before - 1)

  /** Takes over what Spark counted before this listener was there. */
  def imported(attemptNumber: Int, done: Int): Unit = {
    attempt = attemptNumber
    inAttempt = done
  }
}

/**
 * A stage as one job sees it.
 *
 * @param isOwn whether the stage counts for the job's cell: of several jobs of one cell that
 *              share it, exactly one
 */
private[cygnet] final class StageUse(val stage: Stage, var isOwn: Boolean) {

  /** The attempt that another job had finished before this job began, or -1. */
  private val finishedAttempt = if (stage.isDone) stage.attempt else -1
  private var settled: Option[StageState] = None

  def state: StageState = settled.getOrElse(
    if (stage.isDone && stage.attempt == finishedAttempt) StageState.Skipped else stage.state)

  /** The job has ended: what it never ran was skipped, what goes on does so for others. */
  def settle(): Unit = settled = Some(state match {
    case StageState.Pending => StageState.Skipped
    case StageState.Active => StageState.Failed
    case done => done
  })

  private def isOver: Boolean = settled.isDefined || stage.isDone

  def tasksActive: Int = if (isOver) 0 else stage.running

  def tasksSucceeded: Int = if (state == StageState.Skipped) 0 else stage.succeeded

  /** Tasks of an ended stage are being killed: their end may come late, or never. */
  def tasksKilled: Int =
    if (state == StageState.Failed && isOver) stage.killed + stage.running else stage.killed
}
