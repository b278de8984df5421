package org.apache.spark.cygnet

import scala.util.control.NonFatal

import org.apache.spark.{SPARK_VERSION, SparkContext}
import org.apache.spark.scheduler._
import org.apache.spark.sql.execution.ui.{SparkListenerSQLExecutionEnd, SparkListenerSQLExecutionStart}
import org.apache.spark.sql.streaming.StreamingQueryListener.{QueryStartedEvent, QueryTerminatedEvent}

/**
 * Watches one SparkContext and reports its work on request, cell by cell, as complete bounded
 * frames. It has a queue of its own on Spark's listener bus; the callbacks only copy numbers
 * under a short lock.
 */
class CellListener extends SparkListener {
  import CellListener._

  private val lock = new Object
  private val table = new StageTable
  private val writer = new FrameWriter
  private val pace = new Pace
  private val names = new JobNames
  private val queries = new Queries
  private val interruptible = new Interruptible
  private val cores = new scala.collection.mutable.HashMap[String, Int]

  private var context: SparkContext = _
  private var application: Application = _
  private var cpusPerTask = 1.0
  private var shortage: String = _
  private var seq = 0L
  private var isChanged = true
  private var isUrgent = true

  /** Events that came while the past was still being read. */
  private val early = new scala.collection.mutable.ArrayBuffer[() => Unit]
  private var isReady = false

  private var seenMark = 0L
  private var lastMark = 0L

  /** Starts watching, and takes over what Spark knows of earlier jobs. */
  def attach(sc: SparkContext): Unit = {
    context = sc
    cpusPerTask = sc.conf.getDouble("spark.task.cpus", 1.0)
    application = Application(
      sc.applicationId, sc.appName, sc.master, SPARK_VERSION, sc.startTime, "running")
    // An earlier listener of this application may have numbered frames. It made fewer than one
    // each millisecond, so this number is higher.
    seq = math.max(0L, System.currentTimeMillis() - sc.startTime)
    sc.listenerBus.addToQueue(this, "cygnet")
    // The store gets events later than we do. On a busy bus it is read as it is.
    try sc.listenerBus.waitUntilEmpty(StoreLagMs)
    catch { case NonFatal(_) => () }
    lock.synchronized {
      sc.statusStore.executorList(true).filter(_.totalCores > 0)
        .foreach(executor => cores(executor.id) = executor.totalCores)
      History.read(sc.statusStore, table)
      isReady = true
      early.foreach(event => event())
      early.clear()
    }
  }

  /** Stops watching; who waits for a frame gets the last one. */
  def detach(): Unit = {
    context.listenerBus.removeListener(this)
    change(urgent = true)(())
  }

  /** The newest frame, now, with up to 16 cells. */
  def frame(): String = lock.synchronized(render(orderedCells.take(MostCells)))

  /**
   * Waits for a frame that is due: at once when the caller's is not the newest one made, else when
   * something has changed, but not more often than the pace allows. Null at time-out.
   */
  def awaitFrame(lastSeq: Long, timeoutMs: Int): String = lock.synchronized {
    val deadline = nowMs + timeoutMs
    def due = pace.due(isChanged, isUrgent, table.isBusy)
    while (lastSeq >= seq && due > nowMs && deadline > nowMs)
      lock.wait(math.max(1L, math.min(due, deadline) - nowMs))
    if (lastSeq < seq || due <= nowMs) paced() else null
  }

  /** The code of a cell that uses this application runs, until `settled` or `executionEnded`. */
  def executionBegan(cellId: String, executionId: String): Unit =
    lock.synchronized(table.executionBegan(CellKey(cellId, executionId)))

  /** The code of a cell has come to its end. */
  def executionEnded(cellId: String, executionId: String): Unit =
    executionEnded(CellKey(cellId, executionId))

  /**
   * Cancels the running jobs of a cell and returns how many there were. Jobs that it starts before
   * it is at rest, e.g. those of a query that runs, are cancelled as they come.
   */
  def cancelCell(cellId: String, executionId: String, reason: String): Int = {
    val jobs = lock.synchronized(table.stop(CellKey(cellId, executionId), reason).map(_.id))
    // Outside the lock: cancelling may wait for Spark, and Spark's bus for this listener.
    jobs.foreach(context.cancelJob(_, reason))
    jobs.size
  }

  /**
   * Cancels the batch jobs that a cell had submitted before it was interrupted as often as this,
   * and returns how many of them were running.
   */
  def interruptCell(
      cellId: String, executionId: String, interrupts: Int, reason: String): Int = {
    val jobs = lock.synchronized {
      val found = table.runningJobs(CellKey(cellId, executionId))
        .filter(job => interruptible.ends(job.id, interrupts))
      found.foreach(_.stopReason = reason)
      found.map(_.id)
    }
    jobs.foreach(context.cancelJob(_, reason))
    jobs.size
  }

  /**
   * What a cell whose code has just ended did, for its saved output: waits until every event that
   * was posted before this call is counted and the cell is at rest, or the time is over. Null when
   * the cell ran no job.
   */
  def settled(cellId: String, executionId: String, timeoutMs: Int): String = {
    val deadline = nowMs + timeoutMs
    val key = CellKey(cellId, executionId)
    val mark = lock.synchronized { lastMark += 1; lastMark }
    // Events of one queue keep their order, so behind the mark everything earlier is counted. A
    // failed job wakes its caller just before it posts to the bus, hence the wait for its end too.
    if (!context.isStopped) context.listenerBus.post(CellMark(this, mark, key))
    lock.synchronized {
      def isBehind = !context.isStopped && seenMark < mark
      def isRunning = table.cell(key).exists(_.isRunning)
      while ((isBehind || isRunning) && deadline > nowMs)
        lock.wait(math.max(1L, deadline - nowMs))
      if (isBehind) executionEnded(key)
      table.cell(key).map(writer.saved(System.currentTimeMillis(), application, executors, _))
        .orNull
    }
  }

  override def onJobStart(event: SparkListenerJobStart): Unit = {
    var unwanted: String = null
    change(urgent = true) {
      val property = (name: String) => Option(event.properties).map(_.getProperty(name)).orNull
      val key = CellKey(property(CellProperty), property(ExecutionProperty))
      val name = names.of(property, event.stageInfos)
      interruptible.started(event.jobId, property)
      val works = queries.of(property)
      val job = table.jobStarted(event.jobId, event.time, key, name, event.stageInfos, works)
      unwanted = job.stopReason
    }
    // Outside the lock, as in `cancelCell`.
    if (unwanted != null) guarded(context.cancelJob(event.jobId, unwanted))
  }

  override def onJobEnd(event: SparkListenerJobEnd): Unit = change(urgent = true) {
    interruptible.ended(event.jobId)
    event.jobResult match {
      case JobSucceeded => table.jobEnded(event.jobId, event.time, JobState.Succeeded, null)
      case JobFailed(error) =>
        // Spark has no type for a cancelled job, only these words, since 1.x.
        val message = String.valueOf(error.getMessage)
        val state = if (Cancelled.findFirstIn(message).isDefined) JobState.Stopped
          else JobState.Failed
        table.jobEnded(event.jobId, event.time, state, Text.reason(message))
      case _ => table.jobEnded(event.jobId, event.time, JobState.Failed, null)
    }
  }

  override def onStageSubmitted(event: SparkListenerStageSubmitted): Unit =
    change()(table.stageSubmitted(event.stageInfo))

  override def onStageCompleted(event: SparkListenerStageCompleted): Unit =
    change()(table.stageCompleted(event.stageInfo))

  override def onTaskStart(event: SparkListenerTaskStart): Unit =
    change()(table.taskStarted(event.stageId))

  override def onTaskEnd(event: SparkListenerTaskEnd): Unit =
    change()(table.taskEnded(event.stageId, event.stageAttemptId, event.reason))

  override def onExecutorAdded(event: SparkListenerExecutorAdded): Unit =
    change()(cores(event.executorId) = event.executorInfo.totalCores)

  override def onExecutorRemoved(event: SparkListenerExecutorRemoved): Unit =
    change()(if (application.state == "running") cores.remove(event.executorId))

  override def onApplicationEnd(event: SparkListenerApplicationEnd): Unit =
    change(urgent = true) {
      table.applicationEnded(event.time, "The Spark application was stopped.")
      application = application.copy(state = "stopped")
      shortage = null
    }

  override def onOtherEvent(event: SparkListenerEvent): Unit = event match {
    case start: SparkListenerSQLExecutionStart =>
      lock.synchronized(names.learn(start))
      queryStarted(Queries.sql(start.executionId))
    case end: SparkListenerSQLExecutionEnd => queryEnded(Queries.sql(end.executionId))
    case start: QueryStartedEvent => queryStarted(Queries.stream(start.id))
    case end: QueryTerminatedEvent => queryEnded(Queries.stream(end.id))
    case ExecutorShortage(text) if text != shortage => change(urgent = true) { shortage = text }
    case CellMark(owner, number, key) if owner eq this =>
      lock.synchronized {
        executionEnded(key)
        seenMark = number
        lock.notifyAll()
      }
    case _ => ()
  }

  private def executionEnded(key: CellKey): Unit = lock.synchronized {
    // A cell without jobs is in no frame, so no page needs a new one.
    if (table.cell(key).isEmpty) table.executionEnded(key, System.currentTimeMillis())
    else change(urgent = true)(table.executionEnded(key, System.currentTimeMillis()))
  }

  private def queryStarted(id: String): Unit =
    lock.synchronized(queries.started(id)).foreach(queryEnded)

  private def queryEnded(id: String): Unit = lock.synchronized {
    if (isReady && !table.cells.exists(_.queries.contains(id))) queries.ended(id)
    else change(urgent = true) {
      queries.ended(id)
      table.queryEnded(id, System.currentTimeMillis())
    }
  }

  /** Runs a callback's body; nothing that goes wrong in it may reach Spark's bus. */
  private def change(urgent: Boolean = false)(body: => Unit): Unit = lock.synchronized {
    if (isReady) guarded(body) else early += (() => guarded(body))
    // A waiter that the pace holds back wakes by itself; waking it for each task would cost more
    // than the task.
    val wakes = urgent || !isChanged
    isChanged = true
    isUrgent ||= urgent
    if (wakes) lock.notifyAll()
  }

  private def guarded(body: => Unit): Unit =
    try body
    catch { case NonFatal(_) => () }

  private def paced(): String = {
    val json = render(recentCells)
    pace.served(nowMs, json.length, isUrgent)
    isChanged = false
    isUrgent = false
    json
  }

  private def render(shown: Seq[Cell]): String = {
    seq += 1
    val count = table.cells.size + table.cellsFolded
    writer.frame(seq, System.currentTimeMillis(), application, executors, shown, count)
  }

  private def executors: Executors = {
    val all = cores.values.sum
    val slots = cores.values.map(own => (own / cpusPerTask).toInt).sum
    val wanted = if (application.state == "running") Executors.wanted(context) else None
    Executors(
      cores.size, all, table.tasksActive, Option(slots).filter(_ > 0),
      wanted.getOrElse(cores.size), shortage)
  }

  private def orderedCells: Seq[Cell] = {
    val (running, ended) = table.cells.toVector.partition(_.isRunning)
    running.sortBy(-_.startedMs) ++ ended.sortBy(-_.restedMs)
  }

  /** Cells that ended long ago have been sent; a page that came later asks for them. */
  private def recentCells: Seq[Cell] = {
    val since = System.currentTimeMillis() - RecentMs
    val (running, ended) = orderedCells.span(_.isRunning)
    // A page that missed the last frame of a cell gets its end a few times more.
    val recent = ended.takeWhile(_.restedMs >= since)
    (running ++ (if (running.isEmpty && recent.isEmpty) ended.take(1) else recent)).take(MostCells)
  }

  private def nowMs: Long = System.nanoTime() / 1000000L
}

private[cygnet] object CellListener {
  val CellProperty = "cygnet.cell"
  val ExecutionProperty = "cygnet.execution"
  val MostCells = 16
  val RecentMs = 5000L
  val StoreLagMs = 500L
  val Cancelled = """(^|\] )Job \d+ cancelled""".r
}

/** Travels through a listener's queue: all events from before a cell's end have been seen. */
private[cygnet] final case class CellMark(owner: CellListener, number: Long, key: CellKey)
    extends SparkListenerEvent {
  override protected[spark] def logEvent: Boolean = false
}
