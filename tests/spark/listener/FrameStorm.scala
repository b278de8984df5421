package org.apache.spark.cygnet

import java.util.Base64

import scala.util.Random

import org.apache.spark.{ExceptionFailure, Success, TaskEndReason, TaskKilled}
import org.apache.spark.executor.TaskMetrics
import org.apache.spark.scheduler.StageInfo

/**
 * Drives the table with more than any notebook does, and prints what it writes: one line for each
 * frame or saved cell, as `kind base64`. The test that runs it judges them.
 */
object FrameStorm {

  private val Letters = Vector(
    "x", "ü", "漢", "🚀", "\u0000", "\"", "\\", "<b>", "\ud83d", "\u2028", "Ελλάδα ", "plain ")

  def main(arguments: Array[String]): Unit = {
    val Array(seeds, jobs) = arguments.map(_.toInt)
    (0 until seeds).foreach(seed => storm(new Random(seed), jobs))
    endless(20000)
    Seq(400, 1500, 4000, 6800).foreach(pace)
  }

  /** Prints how many frames of a size go out in ten seconds: changing, urgent, running, idle. */
  private def pace(bytes: Int): Unit = {
    def count(changed: Boolean, urgent: Boolean, running: Boolean): Int = {
      val pace = new Pace
      (0L until 10000L).count { now =>
        val isDue = pace.due(changed, urgent, running) <= now
        if (isDue) pace.served(now, bytes, urgent)
        isDue
      }
    }
    val changing = count(changed = true, urgent = false, running = true)
    val urgent = count(changed = true, urgent = true, running = true)
    val running = count(changed = false, urgent = false, running = true)
    val idle = count(changed = false, urgent = false, running = false)
    println(s"pace $bytes $changing $urgent $running $idle")
  }

  private def storm(random: Random, jobs: Int): Unit = {
    val table = new StageTable
    val writer = new FrameWriter
    val cells = 1 + random.nextInt(40)
    val stages = 1 + random.nextInt(60)
    val textual = 1 + random.nextInt(if (random.nextBoolean()) 10 else 10000)
    var stageId = 0
    (0 until jobs).foreach { id =>
      val cell = random.nextInt(cells)
      // The code of every third cell goes on, and that of another third has ended.
      val isOn = cell % 3 == 1
      val name = if (isOn) s"run-$cell-on" else s"run-$cell"
      val key = if (cell == 0) CellKey(null, null) else CellKey(s"cell-$cell-" * 12, name)
      if (cell % 3 > 0) table.executionBegan(key)
      val infos = (0 until 1 + random.nextInt(stages)).map { _ =>
        stageId += 1
        stage(stageId, 0, text(random, textual), random.nextInt(5000))
      }
      table.jobStarted(id, id, key, text(random, textual), infos, Set(s"query $id"))
      infos.foreach(info => if (random.nextInt(10) > 0) run(table, info, random))
      val ends = random.nextInt(100)
      if (ends < 60) table.jobEnded(id, id + 1, JobState.Succeeded, null)
      else if (ends < 85) table.jobEnded(id, id + 1, JobState.Failed, text(random, textual))
      table.queryEnded(s"query $id", id + 1)
      if (!isOn) table.executionEnded(key, id + 1)
      if (id % 37 == 0 || id == jobs - 1) print(table, writer, id, text(random, textual))
    }
  }

  /** Work that never stops coming must not need ever more room. */
  private def endless(jobs: Int): Unit = {
    val table = new StageTable
    (0 until jobs).foreach { id =>
      val info = stage(id, 0, "stage", 2)
      val key = CellKey(s"cell-${id / 10}", s"run-${id / 10}")
      table.executionBegan(key)
      table.jobStarted(id, id, key, "job", Seq(info), Set(s"query $id"))
      run(table, info, new Random(id))
      table.jobEnded(id, id + 1, JobState.Succeeded, null)
      table.queryEnded(s"query $id", id + 1)
      // The ends of the last ones are not told, as when Python is gone.
      if (id < jobs - 200) table.executionEnded(key, id + 1)
    }
    val kept = table.cells.map(_.jobs.size).sum
    val total = table.cells.map(_.jobCounts.total).sum
    println(s"kept ${table.cells.size} $kept ${table.cellsFolded} $total ${table.stagesKnown}")
  }

  private def run(table: StageTable, info: StageInfo, random: Random): Unit = {
    table.stageSubmitted(info)
    val outcomes: Seq[TaskEndReason] = Seq(
      Success, Success, TaskKilled("test"), ExceptionFailure("E", "d", Array.empty, "t", None))
    (0 until random.nextInt(4)).foreach { _ =>
      table.taskStarted(info.stageId)
      if (random.nextBoolean())
        table.taskEnded(info.stageId, 0, outcomes(random.nextInt(outcomes.size)))
    }
    if (random.nextInt(4) > 0) table.stageCompleted(info)
  }

  private def print(table: StageTable, writer: FrameWriter, seq: Int, name: String): Unit = {
    val application = Application("local-1", name, name, "4.3.0", 0L, "running")
    val executors = Executors(1, 2, table.tasksActive, Some(2), 1, null)
    val (running, ended) = table.cells.toVector.partition(_.isRunning)
    val cells = running ++ ended
    line("frame", writer.frame(seq, seq, application, executors, cells.take(16), cells.size))
    cells.take(4).foreach(cell => line("saved", writer.saved(seq, application, executors, cell)))
  }

  private def line(kind: String, json: String): Unit =
    println(s"$kind ${Base64.getEncoder.encodeToString(json.getBytes("UTF-8"))}")

  private def text(random: Random, most: Int): String =
    Iterator.continually(Letters(random.nextInt(Letters.size))).take(random.nextInt(most)).mkString

  private def stage(id: Int, attempt: Int, name: String, tasks: Int): StageInfo = new StageInfo(
    id, attempt, name, tasks, Seq.empty, Seq.empty, "", new TaskMetrics, Seq.empty, None, 0,
    false, 0)
}
