package org.apache.spark.cygnet

import java.io.ByteArrayOutputStream
import java.nio.charset.StandardCharsets.UTF_8

import com.fasterxml.jackson.core.{JsonEncoding, JsonFactory, JsonGenerator}

/** How much of the lists a frame shows; the counts are always complete. */
private[cygnet] final case class Detail(
    cells: Int, jobs: Int, stages: Int, endedJobs: Int, endedStages: Int, otherJobs: Int, text: Int)

private[cygnet] final case class Application(
    id: String, name: String, master: String, sparkVersion: String, startedMs: Long, state: String)

/** Turns the table into the JSON of docs/reference/wire.md, with as much detail as fits. */
private[cygnet] final class FrameWriter {
  import FrameWriter._

  /** The detail that fitted last time: the next frame is likely as large. */
  private var level = 0

  /**
   * A whole frame, at most 8,192 bytes even when it is written with a space after each comma and
   * colon, as Python does.
   *
   * @param cells     the cells to show, most interesting first; those beyond 16 are only counted
   * @param cellCount how many cells there are in all
   */
  def frame(
      seq: Long,
      atMs: Long,
      application: Application,
      executors: Executors,
      cells: Seq[Cell],
      cellCount: Int): String = {
    def render(detail: Detail): Array[Byte] = json { out =>
      val shown = cells.take(detail.cells)
      out.writeNumberField("version", 1)
      out.writeNumberField("seq", seq)
      out.writeNumberField("at_ms", atMs)
      head(out, application, executors, detail)
      out.writeArrayFieldStart("cells")
      val newestEnded = shown.find(!_.isRunning)
      shown.foreach { cell =>
        val isMain = cell.isRunning || newestEnded.contains(cell)
        val shownDetail = if (isMain) detail else detail.copy(endedJobs = detail.otherJobs)
        new CellWriter(out, shownDetail, executors).write(cell)
      }
      out.writeEndArray()
      out.writeNumberField("cells_omitted", cellCount - shown.size)
    }
    // One step back each time, so that detail returns when there is room again, without
    // rendering every frame many times over.
    level = math.max(0, level - 1)
    var bytes = render(Details(level))
    while (bytes.length > FrameBytes && level < Details.size - 1) {
      level += 1
      bytes = render(Details(level))
    }
    new String(bytes, UTF_8)
  }

  /** What a cell's saved output holds, at most 5,600 bytes. */
  def saved(
      atMs: Long, application: Application, executors: Executors, cell: Cell): String = {
    def render(detail: Detail): Array[Byte] = json { out =>
      out.writeNumberField("version", 1)
      out.writeNumberField("saved_ms", atMs)
      head(out, application, executors, detail)
      out.writeFieldName("cell")
      new CellWriter(out, detail, executors).write(cell)
    }
    val fitting = Details.iterator.map(render).find(_.length <= CellBytes)
    new String(fitting.getOrElse(render(Details.last)), UTF_8)
  }

  private def head(
      out: JsonGenerator, application: Application, executors: Executors, detail: Detail): Unit = {
    val limit = math.min(detail.text, 120)
    out.writeObjectFieldStart("application")
    out.writeStringField("id", Text.cut(application.id, 120))
    out.writeStringField("name", Text.cut(application.name, limit))
    out.writeStringField("master", Text.cut(application.master, limit))
    out.writeStringField("spark_version", Text.cut(application.sparkVersion, limit))
    out.writeNumberField("started_ms", application.startedMs)
    out.writeStringField("state", application.state)
    out.writeEndObject()
    out.writeObjectFieldStart("executors")
    out.writeNumberField("count", executors.count)
    out.writeNumberField("cores", executors.cores)
    out.writeNumberField("tasks_active", executors.possible(executors.tasksActive))
    out.writeNumberField("wanted", executors.wanted)
    out.writeStringField("trouble", Text.cutOrNull(executors.shortage, math.min(detail.text, 200)))
    out.writeEndObject()
  }

  private def json(body: JsonGenerator => Unit): Array[Byte] = {
    val bytes = new ByteArrayOutputStream(8192)
    val out = Json.createGenerator(bytes, JsonEncoding.UTF8)
    out.writeStartObject()
    body(out)
    out.writeEndObject()
    out.close()
    bytes.toByteArray
  }
}

private[cygnet] object FrameWriter {
  private val Json = new JsonFactory

  /** A space after each comma and colon makes JSON of this shape at most a fifth longer. */
  val FrameBytes = 6800
  val CellBytes = 5600

  /** What is given up, in the order in which it is given up. */
  val Details: Vector[Detail] = Vector(
    Detail(cells = 16, jobs = 12, stages = 12, endedJobs = 6, endedStages = 6, otherJobs = 3, 200),
    Detail(cells = 16, jobs = 12, stages = 12, endedJobs = 6, endedStages = 2, otherJobs = 1, 200),
    Detail(cells = 16, jobs = 12, stages = 12, endedJobs = 6, endedStages = 0, otherJobs = 0, 200),
    Detail(cells = 16, jobs = 8, stages = 8, endedJobs = 3, endedStages = 0, otherJobs = 0, 200),
    Detail(cells = 12, jobs = 6, stages = 6, endedJobs = 2, endedStages = 0, otherJobs = 0, 160),
    Detail(cells = 8, jobs = 5, stages = 5, endedJobs = 2, endedStages = 0, otherJobs = 0, 120),
    Detail(cells = 5, jobs = 4, stages = 3, endedJobs = 1, endedStages = 0, otherJobs = 0, 100),
    Detail(cells = 3, jobs = 2, stages = 3, endedJobs = 1, endedStages = 0, otherJobs = 0, 60),
    Detail(cells = 1, jobs = 2, stages = 2, endedJobs = 1, endedStages = 0, otherJobs = 0, 40))
}
