package org.apache.spark.cygnet

import scala.collection.mutable

import org.apache.spark.{Resubmitted, Success, TaskCommitDenied, TaskEndReason, TaskKilled}
import org.apache.spark.scheduler.StageInfo

/**
 * Spark's work by cell: events in, numbers out. Its size is bounded whatever
 * runs; what is old lives on as counts. Not thread-safe: the listener holds a lock.
 */
private[cygnet] final class StageTable {
  import StageTable._

  private val stages = new mutable.HashMap[Int, Stage]
  private val running = new mutable.LinkedHashMap[Int, Job]
  private val ended = new mutable.Queue[Job]
  private val cellsByKey = new mutable.LinkedHashMap[CellKey, Cell]
  private val executing = new mutable.LinkedHashSet[CellKey]

  /** Cells that were forgotten altogether. */
  var cellsFolded = 0

  def cells: Iterable[Cell] = cellsByKey.values

  def cell(key: CellKey): Option[Cell] = cellsByKey.get(key)

  /** Whether any work goes on. */
  def isBusy: Boolean = running.nonEmpty || cells.exists(_.isRunning)

  def stagesKnown: Int = stages.size

  def tasksActive: Int = stages.valuesIterator.map(_.running).sum

  def runningJobs(key: CellKey): Seq[Job] = running.values.filter(_.cell.key == key).toVector

  /** Notes that the user stops a cell, and returns its running jobs. */
  def stop(key: CellKey, reason: String): Seq[Job] = {
    cell(key).filter(_.isRunning).foreach(_.stopReason = reason)
    val found = runningJobs(key)
    found.foreach(_.stopReason = reason)
    found
  }

  /** A cell's own code runs from now on. */
  def executionBegan(key: CellKey): Unit = {
    executing += key
    cell(key).foreach(_.isExecuting = true)
    // A few run at a time. An end that was never reported must not keep a cell running forever.
    if (executing.size > ExecutionLimit) executionEnded(executing.head, System.currentTimeMillis())
  }

  def executionEnded(key: CellKey, at: Long): Unit = {
    executing -= key
    cell(key).foreach { cell =>
      cell.isExecuting = false
      rest(cell, at)
    }
  }

  def queryEnded(id: String, at: Long): Unit = cells.foreach { cell =>
    if (cell.queries.remove(id)) rest(cell, at)
  }

  /**
   * Takes in a job.
   *
   * @param queries the running queries that it works for
   * @return the job; one with a `stopReason` is not wanted any more
   */
  def jobStarted(
      id: Int,
      at: Long,
      key: CellKey,
      name: String,
      infos: Iterable[StageInfo],
      queries: Set[String]): Job = {
    forget(id)
    val cell = cellsByKey.getOrElseUpdate(key, new Cell(key, at, executing.contains(key)))
    cell.queries ++= queries
    val job = new Job(id, cell, Text.cut(name, NameLimit), at)
    // Jobs that run at the same time may wait for one stage. It is one object, and counts for
    // the cell once, but for each of its jobs.
    val known = cell.jobs.filter(_.isRunning).flatMap(_.uses).map(_.stage).toSet
    job.uses = infos.toVector.sortBy(_.stageId).map { info =>
      val stage = stages.getOrElseUpdate(info.stageId, newStage(info))
      stage.liveJobs += 1
      new StageUse(stage, isOwn = !known.contains(stage))
    }
    job.stopReason = cell.stopReason
    add(job)
    job
  }

  /** Adds a job that began before the listener was there; one that ended is kept as it is. */
  def add(job: Job): Unit = {
    val cell = cellsByKey.getOrElseUpdate(job.cell.key, job.cell)
    cell.jobs += job
    if (job.isRunning) running(job.id) = job
    else {
      cell.restedMs = math.max(cell.restedMs, job.endedMs)
      keepEnded(job)
    }
    forgetCells()
  }

  def add(stage: Stage): Unit = stages(stage.id) = stage

  def stage(id: Int): Option[Stage] = stages.get(id)

  def jobEnded(id: Int, at: Long, state: JobState, error: String): Unit =
    running.remove(id).foreach { job =>
      val stopped = job.stopReason != null && state != JobState.Succeeded
      val why = if (stopped) job.stopReason else error
      handOver(job)
      job.ended(at, if (stopped) JobState.Stopped else state, Text.cutOrNull(why, ErrorLimit))
      job.uses.foreach { use =>
        use.stage.liveJobs -= 1
        forgetWhenOver(use.stage)
      }
      job.fold(EndedStageLimit)
      keepEnded(job)
      rest(job.cell, at)
    }

  /** The application has ended, and everything that still ran ended with it. */
  def applicationEnded(at: Long, why: String): Unit = {
    running.keys.toVector.foreach(jobEnded(_, at, JobState.Stopped, why))
    executing.clear()
    cells.filter(_.isRunning).foreach { cell =>
      cell.isExecuting = false
      cell.queries.clear()
      rest(cell, at)
    }
  }

  def stageSubmitted(info: StageInfo): Unit = stages.get(info.stageId).foreach(_.submitted(info))

  def stageCompleted(info: StageInfo): Unit = stages.get(info.stageId).foreach(_.completed(info))

  def taskStarted(stageId: Int): Unit = stages.get(stageId).foreach(_.running += 1)

  def taskEnded(stageId: Int, attempt: Int, reason: TaskEndReason): Unit =
    stages.get(stageId).foreach { stage =>
      // It is about a task that had ended long ago, so nothing stops running.
      if (reason == Resubmitted) stage.taskLost()
      else {
        stage.running = math.max(0, stage.running - 1)
        reason match {
          case Success => stage.taskSucceeded(attempt)
          case _: TaskKilled | _: TaskCommitDenied => stage.killed += 1
          case _ => stage.failed += 1
        }
      }
      forgetWhenOver(stage)
    }

  private def rest(cell: Cell, at: Long): Unit = if (!cell.isRunning) {
    cell.restedMs = at
    cell.stopReason = null
  }

  private def newStage(info: StageInfo): Stage =
    new Stage(info.stageId, Text.cut(Text.callSite(info.name), StageNameLimit), info.numTasks)

  /** A shared stage that goes on counts from now on for another job of the cell. */
  private def handOver(job: Job): Unit = job.uses.filter(use => use.isOwn && !use.stage.isDone)
    .foreach { use =>
      job.cell.jobs.filter(other => other.isRunning && other.id != job.id).flatMap(_.uses)
        .find(_.stage eq use.stage).foreach { heir =>
          heir.isOwn = true
          use.isOwn = false
        }
    }

  /** Late task ends still count, so a stage stays known until its last task is over. */
  private def forgetWhenOver(stage: Stage): Unit = {
    // A busy bus drops events. Tasks whose end was dropped must not pile up forever.
    if (stage.liveJobs <= 0 && stage.running == 0) stages.remove(stage.id)
    else if (stages.size > StageLimit) stages.filterInPlace((_, other) => other.liveJobs > 0)
  }

  /** An imported job whose start is reported only now is counted again, with its cell. */
  private def forget(id: Int): Unit =
    for (cell <- cellsByKey.get(CellKey(null, null)); job <- cell.jobs.find(_.id == id)) {
      cell.jobs -= job
      ended -= job
      if (running.remove(id).isDefined) job.uses.foreach(_.stage.liveJobs -= 1)
      if (cell.jobs.isEmpty && cell.jobsFolded == 0) cellsByKey.remove(cell.key)
    }

  private def keepEnded(job: Job): Unit = {
    ended.enqueue(job)
    if (ended.size > EndedJobLimit) {
      val oldest = ended.dequeue()
      oldest.cell.fold(oldest)
    }
  }

  private def forgetCells(): Unit = while (
    cellsByKey.size > CellLimit && cellsByKey.values.find(!_.isRunning).exists { cell =>
      cellsByKey.remove(cell.key)
      // Folding one of its jobs later would count into a cell that no page sees.
      ended.filterInPlace(_.cell ne cell)
      cellsFolded += 1
      true
    }) {}
}

private[cygnet] object StageTable {
  val NameLimit = 200
  val StageNameLimit = 120
  val ErrorLimit = 400
  val CellLimit = 100
  val ExecutionLimit = 32
  val EndedJobLimit = 200
  val EndedStageLimit = 40
  val StageLimit = 5000
}
