/** Stands in for `@jupyterlab/notebook`: the notebook's actions, and a notebook. */

import type { NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import type { Cell, CodeCell } from './cells.js';

interface CellArguments {
  readonly notebook: unknown;
  readonly cell: Cell;
}

const sender = {};

/** What JupyterLab announces of every notebook. */
export const NotebookActions = {
  executionScheduled: new Signal<object, CellArguments>(sender),
  outputCleared: new Signal<object, CellArguments>(sender)
};

/** A notebook's panel: the cells of its model, of which some have a widget. */
export class FakeNotebook {
  readonly content: {
    readonly widgets: Cell[];
    readonly model: {
      readonly cells: { id: string }[] & { changed: Signal<object, void> };
    };
  };

  /** @param cells The cells that have widgets; more ids may be in the model alone. */
  constructor(cells: readonly Cell[], more: readonly string[] = []) {
    const ids = [...cells.map(cell => cell.model.id), ...more].map(id => ({ id }));
    const changed = new Signal<object, void>(sender);
    const model = { cells: Object.assign(ids, { changed }) };
    this.content = { widgets: [...cells], model };
  }

  /** The same notebook as the type that the page takes. */
  get panel(): NotebookPanel {
    return this as unknown as NotebookPanel;
  }

  /** The user runs a cell: JupyterLab clears its outputs. */
  run(cell: CodeCell, execution: string): void {
    const { content: notebook } = this;
    NotebookActions.executionScheduled.emit({ notebook, cell });
    cell.model.outputs.list.length = 0;
    cell.model.executionState = 'running';
    cell.outputArea.future = { msg: { header: { msg_id: execution } } };
  }

  /** The user clears the outputs of a cell. */
  clear(cell: CodeCell): void {
    const { content: notebook } = this;
    cell.model.outputs.list.length = 0;
    NotebookActions.outputCleared.emit({ notebook, cell });
  }
}
