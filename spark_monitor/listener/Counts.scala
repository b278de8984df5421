package org.apache.spark.cygnet

/** Numbers of stages and tasks, as the wire has them; `add` sums them up. */
private[cygnet] final class Counts {
  var stages = 0
  var pending = 0
  var active = 0
  var succeeded = 0
  var failed = 0
  var skipped = 0

  var tasks = 0L
  var tasksActive = 0L
  var tasksSucceeded = 0L
  var tasksFailed = 0L
  var tasksKilled = 0L
  var tasksSkipped = 0L

  def add(other: Counts): Unit = {
    stages += other.stages
    pending += other.pending
    active += other.active
    succeeded += other.succeeded
    failed += other.failed
    skipped += other.skipped
    tasks += other.tasks
    tasksActive += other.tasksActive
    tasksSucceeded += other.tasksSucceeded
    tasksFailed += other.tasksFailed
    tasksKilled += other.tasksKilled
    tasksSkipped += other.tasksSkipped
  }

  /** Adds one stage as a job sees it. */
  def add(use: StageUse): Unit = {
    stages += 1
    use.state match {
      case StageState.Pending => pending += 1
      case StageState.Active => active += 1
      case StageState.Succeeded => succeeded += 1
      case StageState.Failed => failed += 1
      case StageState.Skipped => skipped += 1
    }
    if (use.state == StageState.Skipped) tasksSkipped += use.stage.total
    else {
      tasks += use.stage.total
      tasksActive += use.tasksActive
      tasksSucceeded += use.tasksSucceeded
      tasksFailed += use.stage.failed
      tasksKilled += use.tasksKilled
    }
  }
}

/** Numbers of jobs of a cell. */
private[cygnet] final class JobCounts {
  var total = 0
  var active = 0
  var succeeded = 0
  var failed = 0
  var stopped = 0

  def add(state: JobState): Unit = {
    total += 1
    state match {
      case JobState.Running => active += 1
      case JobState.Succeeded => succeeded += 1
      case JobState.Failed => failed += 1
      case JobState.Stopped => stopped += 1
    }
  }

  def add(other: JobCounts): Unit = {
    total += other.total
    active += other.active
    succeeded += other.succeeded
    failed += other.failed
    stopped += other.stopped
  }

  /** The state of a cell that has these jobs and is at rest. */
  def state: JobState =
    if (failed > 0) JobState.Failed
    else if (stopped > 0) JobState.Stopped
    else JobState.Succeeded
}
