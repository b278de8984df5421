import '../lab/page.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Notebook } from '@jupyterlab/notebook';

import { type Cell, type Frame, MIME_TYPE } from '../../src/frame.js';
import { WorkModel } from '../../src/monitor/model.js';
import { keyOf, type Work } from '../../src/monitor/work.js';
import { runningFrame } from '../golden.js';
import { textOf } from '../page.js';

const { CodeCell } = await import('../lab/cells.js');
const { FakeNotebook } = await import('../lab/notebook.js');
const { CellPanels } = await import('../../src/monitor/cellpanels.js');
const { savedPanels } = await import('../../src/monitor/saved.js');
const { WorkPanel } = await import('../../src/monitor/workpanel.js');
type CodeCell = InstanceType<typeof CodeCell>;

const NOW = 1_800_000_000_000;
const [running, , failed] = runningFrame().cells as readonly [Cell, Cell, Cell];

/** A frame of these cells. */
function frame(...cells: readonly Cell[]): Frame {
  return { ...runningFrame(), cells };
}

/** A notebook that shows the kernel's work. */
class Page {
  readonly model = new WorkModel();
  readonly stopped: Work[] = [];
  redraws = 0;
  readonly panels: InstanceType<typeof CellPanels>;

  constructor(cells: readonly CodeCell[], more: readonly string[] = []) {
    const { content } = new FakeNotebook(cells, more);
    this.panels = new CellPanels(
      content as unknown as Notebook,
      this.model,
      work => this.stopped.push(work),
      () => {
        this.redraws += 1;
      }
    );
  }

  /** Take in a frame and show it; returns the executions that have no place. */
  show(...cells: readonly Cell[]): readonly unknown[] {
    this.model.absorb(frame(...cells), NOW);
    return this.panels.show(this.model.works(NOW)).map(it => it.cell.execution_id);
  }
}

/** The live panels below a cell, as texts. */
function live(cell: CodeCell): readonly string[] {
  return [...cell.node.querySelectorAll('.cyg-Live section')].map(textOf);
}

function cellOf(work: Cell, isNear = true): CodeCell {
  return new CodeCell(work.cell_id ?? '', isNear);
}

/** The saved output of a cell's work, as an output of the notebook. */
function output(cell: Cell): { data: Record<string, unknown> } {
  const { application, executors } = runningFrame();
  const saved = { version: 1, application, executors, cell, saved_ms: NOW };
  return { data: { [MIME_TYPE]: saved } };
}

test('work stands below its own cell, between the outputs and the footer', () => {
  const [own, other] = [cellOf(running), new CodeCell('other')];

  const unplaced = new Page([other, own]).show(running);

  assert.deepEqual(unplaced, []);
  assert.equal(live(own).length, 1);
  assert.match(live(own)[0] ?? '', /59 of 210 tasks/);
  assert.deepEqual(live(other), []);
  const order = [...own.node.children].map(it => it.className);
  assert.match(order.join(), /outputs.*cyg-Live.*footer/);
});

test('work of no cell of the notebook is given back', () => {
  const page = new Page([new CodeCell('other')]);

  assert.deepEqual(page.show(running), [running.execution_id]);
});

test('a cell whose widget is still to come has a place', () => {
  const page = new Page([], [running.cell_id ?? '']);

  assert.deepEqual(page.show(running), []);
});

test('a cell far from the visible part gets its panel when it is built', async () => {
  const cell = cellOf(running, false);
  const page = new Page([cell]);

  page.show(running);
  page.show(running);
  assert.deepEqual(live(cell), []);
  cell.build();
  await cell.ready;

  assert.equal(page.redraws, 1);
  page.show(running);
  assert.equal(live(cell).length, 1);
});

test('what has ended in a first frame is history, unless the cell runs here', () => {
  const cell = cellOf(failed);
  const page = new Page([cell]);

  assert.deepEqual(page.show(failed), []);
  assert.deepEqual(live(cell), []);
  cell.model.executionState = 'running';
  page.show(failed);

  assert.match(live(cell)[0] ?? '', /Failed/);
});

test('the saved output takes the place of the live panel at once', () => {
  const cell = cellOf(running);
  const page = new Page([cell]);
  page.show(running);
  const ended: Cell = { ...running, state: 'succeeded', ended_ms: NOW };

  cell.model.outputs.add(output(ended));

  assert.deepEqual(live(cell), []);
});

test('work that goes on after its cell moves where its output stands', () => {
  const cell = cellOf(running);
  const page = new Page([cell]);
  cell.model.outputs.add(output(running));
  const saved = new WorkPanel(document, 'Spark jobs of this cell');
  const key = keyOf({ application: frame().application, cell: running });
  savedPanels.set(key, new Set([saved]));

  page.show(running);

  assert.deepEqual(live(cell), []);
  assert.match(textOf(saved.node), /59 of 210 tasks/);
  savedPanels.clear();
});

test('an earlier execution that still runs leaves the cell to the newest one', () => {
  const cell = cellOf(running);
  const { started_ms } = running;
  const newer = { ...running, execution_id: 'newer', started_ms: started_ms + 1 };

  const unplaced = new Page([cell]).show(running, newer);

  assert.deepEqual(unplaced, [running.execution_id]);
  assert.equal(live(cell).length, 1);
});

test('a new execution takes the saved outputs of earlier ones away', () => {
  const cell = cellOf(running);
  const early = { ...running, execution_id: 'early', started_ms: 1 };
  cell.model.outputs.add(output({ ...early, state: 'succeeded', ended_ms: 2 }));

  new Page([cell]).show(running);

  assert.deepEqual(cell.model.outputs.executions, []);
});

test('no panel is left when nothing runs, or when the notebook is closed', () => {
  const cell = cellOf(running);
  const page = new Page([cell]);

  page.show(running);
  page.panels.show([]);
  assert.deepEqual(live(cell), []);

  page.show(running);
  page.panels.dispose();
  assert.deepEqual(live(cell), []);
});

test('Stop in a panel stops the work that it shows', () => {
  const cell = cellOf(running);
  const page = new Page([cell]);
  page.show(running);

  cell.node.querySelector<HTMLElement>('.cyg-Stop')?.click();

  assert.deepEqual(
    page.stopped.map(it => it.cell.execution_id),
    [running.execution_id]
  );
});
