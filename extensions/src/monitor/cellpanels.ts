/** The live panels of one notebook: which cell shows which work. */

import { type Cell, CodeCell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout } from '@lumino/widgets';

import type { Saved } from '../frame.js';
import { LivePanels } from './live.js';
import type { WorkModel } from './model.js';
import { removeOlder, savedPanels, savedWorks } from './saved.js';
import { isRunning, keyOf, type Work } from './work.js';
import type { Stop } from './workpanel.js';

/** Places works below their cells and takes them away when their outputs stand. */
export class CellPanels implements IDisposable {
  private readonly panels = new Map<string, LivePanels>();
  private readonly awaited = new WeakSet<Cell>();
  private disposed = false;

  /**
   * @param notebook The notebook's cells.
   * @param model What is known of the kernel's work.
   * @param stop Stops the work of a panel.
   * @param redraw Asks for `show` when a cell has become ready for its panel.
   */
  constructor(
    private readonly notebook: Notebook,
    private readonly model: WorkModel,
    private readonly stop: Stop,
    private readonly redraw: () => void
  ) {}

  /** Whether the panels were disposed. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  /**
   * Show each work below its cell.
   *
   * @param works What to show, oldest first.
   * @returns The works that have no place in this notebook.
   */
  show(works: readonly Work[]): readonly Work[] {
    const cells = this.cellsOf(works);
    const unplaced: Work[] = [];
    const byCell = new Map<CodeCell, Work[]>();
    for (const work of works) {
      const cell = cells.get(work.cell.cell_id ?? '');
      if (cell !== undefined) {
        byCell.set(cell, [...(byCell.get(cell) ?? []), work]);
      } else if (this.isUnplaced(work)) {
        unplaced.push(work);
      }
    }
    const stale = new Set(this.panels.keys());
    for (const [cell, own] of byCell) {
      stale.delete(cell.model.id);
      unplaced.push(...this.showCell(cell, own));
    }
    for (const id of stale) {
      this.drop(id);
    }
    return unplaced;
  }

  /** Take all panels away. */
  dispose(): void {
    this.disposed = true;
    Signal.clearData(this);
    for (const id of [...this.panels.keys()]) {
      this.drop(id);
    }
  }

  /** A cell of the model whose widget is still to come is waited for. */
  private isUnplaced(work: Work): boolean {
    const cells = this.notebook.model?.cells ?? [];
    return (
      (isRunning(work) || this.model.isFresh(keyOf(work))) &&
      !Array.from(cells).some(cell => cell.id === work.cell.cell_id)
    );
  }

  /** Show the newest execution; gives back older ones that still run. */
  private showCell(cell: CodeCell, works: readonly Work[]): readonly Work[] {
    const newest = works.at(-1)?.cell;
    const isCurrent = (work: Work): boolean =>
      work.cell.execution_id === newest?.execution_id;
    const current = works.filter(isCurrent);
    // A page that was reloaded has outputs of the last time from the file; JupyterLab
    // would have cleared them.
    if (newest !== undefined && current.some(isRunning)) {
      removeOlder(cell.model.outputs, newest.execution_id, newest.started_ms);
    }
    this.showLive(cell, current);
    return works.filter(work => !isCurrent(work) && isRunning(work));
  }

  private showLive(cell: CodeCell, works: readonly Work[]): void {
    // What has ended in a first frame is history, unless this page runs the cell.
    const executes = cell.model.executionState === 'running';
    const worthy = works.filter(
      work => isRunning(work) || executes || this.model.isFresh(keyOf(work))
    );
    const saved = worthy.length > 0 ? savedWorks(cell.model.outputs) : new Map();
    const live: Work[] = [];
    for (const work of worthy) {
      const output = saved.get(keyOf(work));
      if (output === undefined) {
        live.push(work);
      } else {
        this.showSaved(output);
      }
    }
    if (live.length === 0) {
      this.drop(cell.model.id);
    } else {
      this.panelOf(cell)?.present(live, this.stop);
    }
  }

  /** Work that goes on after its cell has ended moves where its output stands. */
  private showSaved(output: Saved): void {
    const work = this.model.learn(output, Date.now());
    if (work !== null) {
      for (const panel of savedPanels.get(keyOf(work)) ?? []) {
        panel.show(work, this.stop);
      }
      this.model.settle(keyOf(work));
    }
  }

  private panelOf(cell: CodeCell): LivePanels | null {
    // A cell that was moved has a new widget, and its panel went with the old one.
    const known = this.panels.get(cell.model.id);
    if (known !== undefined && known.parent === cell) {
      return known;
    }
    this.drop(cell.model.id);
    if (cell.isPlaceholder()) {
      // JupyterLab builds a cell's element when it comes near the visible part.
      if (!this.awaited.has(cell)) {
        this.awaited.add(cell);
        void cell.ready.then(this.redraw);
      }
      return null;
    }
    const panel = new LivePanels();
    const layout = cell.layout as PanelLayout;
    // Above the footer, directly below the outputs.
    layout.insertWidget(layout.widgets.length - 1, panel);
    this.panels.set(cell.model.id, panel);
    cell.model.outputs.changed.connect(this.onOutputs, this);
    return panel;
  }

  private drop(id: string): void {
    this.panels.get(id)?.dispose();
    this.panels.delete(id);
  }

  /** The output takes the panel's place in the same moment. */
  private onOutputs(outputs: CodeCell['model']['outputs']): void {
    for (const [id, { parent }] of this.panels) {
      if (parent instanceof CodeCell && parent.model.outputs === outputs) {
        const works = this.model.works(Date.now());
        this.showCell(
          parent,
          works.filter(it => it.cell.cell_id === id)
        );
      }
    }
  }

  private cellsOf(works: readonly Work[]): ReadonlyMap<string, CodeCell> {
    const wanted = new Set(works.map(it => it.cell.cell_id));
    const found = new Map<string, CodeCell>();
    for (const cell of wanted.size > 0 ? this.notebook.widgets : []) {
      if (wanted.has(cell.model.id) && cell instanceof CodeCell) {
        found.set(cell.model.id, cell);
      }
    }
    return found;
  }
}
