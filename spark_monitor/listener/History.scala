package org.apache.spark.cygnet

import org.apache.spark.JobExecutionStatus
import org.apache.spark.status.AppStatusStore
import org.apache.spark.status.api.v1.{JobData, StageData, StageStatus}

/** What ran before the listener was there, read from Spark's own status store. */
private[cygnet] object History {

  private val Unknown = CellKey(null, null)

  /** Fills an empty table; the cells that submitted it are not known. */
  def read(store: AppStatusStore, table: StageTable): Unit = {
    // The store keeps groups and tags of a job, but not the local properties that name its cell.
    val jobs = store.jobsList(null).sortBy(_.jobId)
    val cell = new Cell(Unknown, jobs.headOption.map(startedMs).getOrElse(0L))
    jobs.foreach { data =>
      val job = new Job(data.jobId, cell, name(data), startedMs(data))
      if (data.status == JobExecutionStatus.RUNNING) {
        job.uses = data.stageIds.sorted.toVector.map(id => stageOf(id, store, table))
      } else {
        job.imported(counts(data))
        val succeeded = data.status == JobExecutionStatus.SUCCEEDED
        job.ended(
          data.completionTime.fold(job.startedMs)(_.getTime),
          if (succeeded) JobState.Succeeded else JobState.Failed,
          null)
      }
      table.add(job)
    }
  }

  private def startedMs(data: JobData): Long = data.submissionTime.fold(0L)(_.getTime)

  private def name(data: JobData): String =
    Text.cut(
      data.description.fold(Text.callSite(data.name))(Text.description), StageTable.NameLimit)

  private def stageOf(id: Int, store: AppStatusStore, table: StageTable): StageUse = {
    val isNew = table.stage(id).isEmpty
    val stage = table.stage(id).getOrElse {
      val made = store.asOption(store.lastStageAttempt(id)).fold(new Stage(id, "", 0))(imported)
      table.add(made)
      made
    }
    stage.liveJobs += 1
    new StageUse(stage, isOwn = isNew)
  }

  private def imported(data: StageData): Stage = {
    val name = Text.cut(Text.callSite(data.name), StageTable.StageNameLimit)
    val stage = new Stage(data.stageId, name, data.numTasks)
    stage.imported(data.attemptId, data.numCompletedIndices)
    stage.state = data.status match {
      case StageStatus.ACTIVE => StageState.Active
      case StageStatus.COMPLETE => StageState.Succeeded
      case StageStatus.FAILED => StageState.Failed
      case _ => StageState.Pending
    }
    stage.startedMs = data.submissionTime.fold(-1L)(_.getTime)
    stage.endedMs = data.completionTime.fold(-1L)(_.getTime)
    stage.running = data.numActiveTasks
    stage.failed = data.numFailedTasks
    stage.killed = data.numKilledTasks
    stage
  }

  private def counts(data: JobData): Counts = {
    val result = new Counts
    result.stages = data.stageIds.size
    result.succeeded = data.numCompletedStages
    result.failed = data.numFailedStages
    result.skipped = math.max(0, result.stages - result.succeeded - result.failed)
    result.tasks = data.numTasks - data.numSkippedTasks
    result.tasksSucceeded = data.numCompletedIndices
    result.tasksFailed = data.numFailedTasks
    result.tasksKilled = data.numKilledTasks
    result.tasksSkipped = data.numSkippedTasks
    result
  }
}
