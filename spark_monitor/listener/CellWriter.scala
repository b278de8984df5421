package org.apache.spark.cygnet

import com.fasterxml.jackson.core.JsonGenerator

/** Writes the entry of a cell, its jobs and their stages. */
private[cygnet] final class CellWriter(
    out: JsonGenerator, detail: Detail, executors: Executors) {

  def write(cell: Cell): Unit = {
    val jobs = cell.jobCounts
    out.writeStartObject()
    out.writeStringField("cell_id", cell.key.cellId)
    out.writeStringField("execution_id", cell.key.executionId)
    out.writeStringField("state", cell.state.word)
    times(cell.startedMs, cell.endedMs)
    out.writeObjectFieldStart("jobs")
    out.writeNumberField("total", jobs.total)
    out.writeNumberField("active", jobs.active)
    out.writeNumberField("succeeded", jobs.succeeded)
    out.writeNumberField("failed", jobs.failed)
    out.writeNumberField("stopped", jobs.stopped)
    out.writeEndObject()
    counts(cell.counts)
    jobList(cell)
    out.writeEndObject()
  }

  private def jobList(cell: Cell): Unit = {
    val (running, ended) = cell.jobs.reverseIterator.toVector.partition(_.isRunning)
    val shown = running.take(detail.jobs) ++ ended.take(detail.endedJobs)
    out.writeArrayFieldStart("job_list")
    shown.foreach(job)
    out.writeEndArray()
    out.writeNumberField("jobs_omitted", cell.jobs.size + cell.jobsFolded - shown.size)
  }

  private def job(job: Job): Unit = {
    val all = job.counts
    val limit = if (job.isRunning) detail.stages else detail.endedStages
    val shown = job.uses.sortBy(rank).take(limit)
    out.writeStartObject()
    out.writeNumberField("job_id", job.id)
    out.writeStringField("name", Text.cut(job.name, detail.text))
    out.writeStringField("state", job.state.word)
    times(job.startedMs, job.endedMs)
    counts(all)
    out.writeStringField("error", Text.cutOrNull(job.error, detail.text * 2))
    out.writeArrayFieldStart("stage_list")
    shown.sortBy(_.stage.id).foreach(stage)
    out.writeEndArray()
    out.writeNumberField("stages_omitted", all.stages - shown.size)
    out.writeEndObject()
  }

  /** Of a job with many stages, those that run now matter most, then the newest. */
  private def rank(use: StageUse): (Int, Int) = use.state match {
    case StageState.Active => (0, use.stage.id)
    case StageState.Failed => (1, -use.stage.id)
    case StageState.Succeeded => (2, -use.stage.id)
    case StageState.Pending => (3, use.stage.id)
    case StageState.Skipped => (4, -use.stage.id)
  }

  private def stage(use: StageUse): Unit = {
    val ran = use.state != StageState.Skipped
    out.writeStartObject()
    out.writeNumberField("stage_id", use.stage.id)
    out.writeNumberField("attempt", use.stage.attempt)
    out.writeStringField("name", Text.cut(use.stage.name, math.min(detail.text, 120)))
    out.writeStringField("state", use.state.word)
    times(if (ran) use.stage.startedMs else -1L, if (ran) use.stage.endedMs else -1L)
    out.writeObjectFieldStart("tasks")
    out.writeNumberField("total", use.stage.total)
    out.writeNumberField("active", executors.possible(use.tasksActive))
    out.writeNumberField("succeeded", use.tasksSucceeded)
    out.writeNumberField("failed", if (ran) use.stage.failed else 0)
    out.writeNumberField("killed", if (ran) use.tasksKilled else 0)
    out.writeEndObject()
    out.writeEndObject()
  }

  private def counts(counts: Counts): Unit = {
    out.writeObjectFieldStart("stages")
    out.writeNumberField("total", counts.stages)
    out.writeNumberField("pending", counts.pending)
    out.writeNumberField("active", counts.active)
    out.writeNumberField("succeeded", counts.succeeded)
    out.writeNumberField("failed", counts.failed)
    out.writeNumberField("skipped", counts.skipped)
    out.writeEndObject()
    out.writeObjectFieldStart("tasks")
    out.writeNumberField("total", counts.tasks)
    out.writeNumberField("active", executors.possible(counts.tasksActive))
    out.writeNumberField("succeeded", counts.tasksSucceeded)
    out.writeNumberField("failed", counts.tasksFailed)
    out.writeNumberField("killed", counts.tasksKilled)
    out.writeNumberField("skipped", counts.tasksSkipped)
    out.writeEndObject()
  }

  private def times(startedMs: Long, endedMs: Long): Unit = {
    time("started_ms", startedMs)
    time("ended_ms", endedMs)
  }

  private def time(field: String, at: Long): Unit =
    if (at < 0) out.writeNullField(field) else out.writeNumberField(field, at)
}
