import '../lab/page.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Cell } from '../../src/frame.js';
import { golden, runningFrame } from '../golden.js';
import { textOf } from '../page.js';

const { CodeCell } = await import('../lab/cells.js');
const { FakeNotebook } = await import('../lab/notebook.js');
const { NotebookMonitor } = await import('../../src/monitor/notebookmonitor.js');

const [running] = runningFrame().cells as readonly [Cell];
const CELL = running.cell_id ?? '';

/** A notebook with one cell, whose kernel can be heard. */
class Page {
  readonly cell = new CodeCell(CELL);
  readonly notebook = new FakeNotebook([this.cell, new CodeCell('other')]);
  readonly sent: object[] = [];
  readonly monitor = new NotebookMonitor(this.notebook.panel, it => this.sent.push(it));

  frame(...cells: readonly object[]): void {
    const frame = { ...golden('monitor/frame_running.json'), cells };
    this.monitor.receive({ type: 'frame', frame });
  }

  get live(): string {
    return textOf(this.cell.node.querySelector('.cyg-Live'));
  }

  /** The executions in the sidebar. */
  get others(): readonly unknown[] {
    return this.monitor.others.map(it => it.cell.execution_id);
  }
}

/** Lets a test have a page, and takes it away afterwards: clocks tick while work runs. */
async function onPage(use: (page: Page) => Promise<void> | void): Promise<void> {
  const page = new Page();
  try {
    await use(page);
  } finally {
    page.monitor.dispose();
  }
}

/** The summary of a golden saved output, as the kernel announces it. */
function summary(execution: string): object {
  const saved = golden('monitor/saved_succeeded.json');
  const application = saved['application'] as { id: string };
  const cell = { ...(saved['cell'] as object), cell_id: CELL, execution_id: execution };
  return {
    type: 'summary',
    summary: {
      version: 1,
      cell_id: CELL,
      execution_id: execution,
      application_id: application.id,
      display_id: 'd',
      bundle: { 'application/vnd.cygnet.spark+json': { ...saved, cell } }
    }
  };
}

test('a frame shows running work below its cell and counts its jobs', () =>
  onPage(page => {
    page.frame(running);

    assert.match(page.live, /Running.*59 of 210 tasks/);
    assert.deepEqual(page.others, []);
    assert.equal(page.monitor.running, running.jobs.active);
  }));

test('work of no cell comes to the sidebar: running first, then newest, at most 8', () =>
  onPage(page => {
    const ended = { ...running, cell_id: null, state: 'succeeded', ended_ms: 9e12 };
    const more = Array.from({ length: 9 }, (_, index) => ({
      ...ended,
      execution_id: `ended-${index}`,
      started_ms: running.started_ms + index
    }));
    // History, which no sidebar shows; what comes after it is news.
    page.frame();
    page.frame({ ...running, cell_id: 'gone' }, ...more);
    page.monitor.lose();

    assert.equal(page.others.length, 8);
    page.frame({ ...running, cell_id: 'gone' });
    page.monitor.stop(page.monitor.others[0] ?? assert.fail());
    assert.equal(page.others[0], running.execution_id);
    assert.equal(page.others[1], 'ended-8');
  }));

test('Stop asks the kernel and shows at once that it was asked', () =>
  onPage(page => {
    page.frame(running);

    page.cell.node.querySelector<HTMLElement>('.cyg-Stop')?.click();

    assert.deepEqual(page.sent, [
      {
        type: 'cancel',
        cell_id: CELL,
        execution_id: running.execution_id,
        application_id: runningFrame().application.id
      }
    ]);
    assert.match(page.live, /Stopping…/);
  }));

test('a kernel that ends takes its running work along', () =>
  onPage(page => {
    page.frame(running);

    page.monitor.lose();

    assert.match(page.live, /Ended with its kernel/);
    assert.equal(page.monitor.running, 0);
  }));

test('a summary adds the output that a reloaded page lacks', () =>
  onPage(page => {
    page.monitor.receive(summary('e1'));

    assert.deepEqual(page.cell.model.outputs.executions, ['e1']);
  }));

test('a summary of the last time adds nothing while the cell runs again', () =>
  onPage(page => {
    page.notebook.run(page.cell, 'e2');

    page.monitor.receive(summary('e1'));
    assert.deepEqual(page.cell.model.outputs.executions, []);
    page.monitor.receive(summary('e2'));

    assert.deepEqual(page.cell.model.outputs.executions, ['e2']);
  }));

test('outputs that are cleared are forgotten by the kernel', () =>
  onPage(page => {
    page.notebook.clear(page.cell);

    assert.deepEqual(page.sent, [{ type: 'forget', cell_id: CELL }]);
  }));

test('a run makes the kernel forget only an output that there was', () =>
  onPage(page => {
    page.notebook.run(page.cell, 'e1');
    assert.deepEqual(page.sent, []);
    page.monitor.receive(summary('e1'));

    page.notebook.run(page.cell, 'e2');

    assert.deepEqual(page.sent, [{ type: 'forget', cell_id: CELL }]);
  }));

test('what another notebook does to its cells is none of this one', () =>
  onPage(page => {
    const other = new FakeNotebook([page.cell]);

    other.clear(page.cell);

    assert.deepEqual(page.sent, []);
  }));

test('a closed notebook shows nothing and hears nothing', () =>
  onPage(page => {
    page.frame(running);
    page.monitor.dispose();

    page.notebook.clear(page.cell);

    assert.equal(page.live, '');
    assert.deepEqual(page.sent, []);
  }));
