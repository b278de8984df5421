/** The monitor of one notebook: shows its kernel's work. */

import { type Cell, CodeCell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { readMonitorMessage, type Summary } from '../frame.js';
import { Throttle } from '../throttle.js';
import { CellPanels } from './cellpanels.js';
import { WorkModel } from './model.js';
import { place, savedWorks } from './saved.js';
import { isRunning, keyOf, type Work } from './work.js';

/** At most ten updates a second, and one a second for the clocks. */
const UPDATE_MS = 100;
const TICK_MS = 1000;

/** How many works without a cell are kept for the sidebar. */
const OTHERS = 8;

/** The arguments of a notebook action about a cell. */
interface CellArguments {
  readonly notebook: unknown;
  readonly cell: Cell;
}

/** The monitor's part of one notebook. */
export class NotebookMonitor implements IDisposable {
  /** Emitted when `others` or `running` may have changed. */
  readonly changed = new Signal<this, void>(this);
  private readonly model = new WorkModel();
  private readonly cellPanels: CellPanels;
  private readonly throttle = new Throttle(UPDATE_MS, () => this.redraw());
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unplaced: readonly Work[] = [];
  private disposed = false;

  /**
   * @param notebook The notebook that is shown.
   * @param send Sends a message to the kernel's monitor.
   */
  constructor(
    private readonly notebook: NotebookPanel,
    private readonly send: (message: object) => void
  ) {
    const again = (): void => this.throttle.request();
    this.cellPanels = new CellPanels(notebook.content, this.model, this.stop, again);
    NotebookActions.executionScheduled.connect(this.onScheduled, this);
    NotebookActions.outputCleared.connect(this.onCleared, this);
    notebook.content.model?.cells.changed.connect(this.onCells, this);
  }

  /** Whether the monitor was disposed. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Work that belongs to no cell of this notebook: running first, then newest. */
  get others(): readonly Work[] {
    return this.unplaced;
  }

  /** How many jobs of this kernel run now. */
  get running(): number {
    const works = this.model.works(Date.now()).filter(isRunning);
    return works.reduce((sum, work) => sum + work.cell.jobs.active, 0);
  }

  /** Stop the work that a panel shows. */
  readonly stop = (work: Work): void => {
    const { cell_id, execution_id } = work.cell;
    const application_id = work.application.id;
    this.send({ type: 'cancel', cell_id, execution_id, application_id });
    this.model.stopping(keyOf(work));
    // A click is answered at once, not with the next frame.
    this.redraw();
  };

  /**
   * Take in a message of the monitor's channel.
   *
   * @throws WireError if it is malformed.
   */
  receive(data: unknown): void {
    const message = readMonitorMessage(data);
    if (message?.type === 'frame') {
      this.model.absorb(message.frame, Date.now());
      this.throttle.request();
    } else if (message?.type === 'summary') {
      this.save(message.summary);
    }
  }

  /** The kernel is gone, and what ran in it. */
  lose(): void {
    this.model.lose();
    this.redraw();
  }

  /** Take the panels away. */
  dispose(): void {
    this.disposed = true;
    Signal.clearData(this);
    this.throttle.stop();
    clearTimeout(this.timer);
    this.cellPanels.dispose();
  }

  private redraw(): void {
    if (this.disposed) {
      return;
    }
    const works = this.model.works(Date.now());
    this.unplaced = [...this.cellPanels.show(works)].sort(byUrgency).slice(0, OTHERS);
    this.changed.emit();
    // The clocks tick also when no frame comes, and silence is shown.
    clearTimeout(this.timer);
    if (works.some(isRunning)) {
      this.timer = setTimeout(() => this.throttle.request(), TICK_MS);
    }
  }

  private save(summary: Summary): void {
    const cell = this.notebook.content.widgets.find(
      it => it.model.id === summary.cell_id
    );
    if (!(cell instanceof CodeCell)) {
      return;
    }
    const execution = cell.outputArea.future?.msg.header.msg_id;
    const isOther = execution !== undefined && execution !== summary.execution_id;
    // While the cell runs again, a summary of the last time is about outputs that
    // are gone.
    if (!(isOther && cell.model.executionState === 'running')) {
      place(cell.model.outputs, summary);
    }
    this.throttle.request();
  }

  private onCells(): void {
    this.throttle.request();
  }

  private onScheduled(_: unknown, { notebook, cell }: CellArguments): void {
    if (notebook === this.notebook.content && cell instanceof CodeCell) {
      // JupyterLab will clear the outputs; where the new run uses no Spark, nothing
      // else would let the kernel know that its summary is out of date.
      this.clear(cell, savedWorks(cell.model.outputs).size > 0);
    }
  }

  private onCleared(_: unknown, { notebook, cell }: CellArguments): void {
    if (notebook === this.notebook.content) {
      this.clear(cell, true);
    }
  }

  private clear(cell: Cell, isForgotten: boolean): void {
    if (isForgotten) {
      this.send({ type: 'forget', cell_id: cell.model.id });
    }
    this.model.clear(cell.model.id);
    this.redraw();
  }
}

function byUrgency(a: Work, b: Work): number {
  return (
    Number(isRunning(b)) - Number(isRunning(a)) || b.cell.started_ms - a.cell.started_ms
  );
}
