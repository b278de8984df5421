import './lab/page.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Signal } from '@lumino/signaling';

import { ConnectorModel } from '../src/connector/model.js';
import { readState } from '../src/connector/state.js';
import type { NotebookController } from '../src/controller.js';
import type { Work } from '../src/monitor/work.js';
import { golden, runningFrame } from './golden.js';
import { byName, only, textOf } from './page.js';

const { dialogs } = await import('./lab/apputils.js');
const { SparkSidebar } = await import('../src/sidebar.js');
const { Widget } = await import('@lumino/widgets');

const { application, executors, cells, at_ms } = runningFrame();
const connected = readState(golden('connector/state_connected.json'));

/** Some work, as the monitor of a notebook gives it. */
function work(execution: string): Work {
  const [running] = cells;
  if (running === undefined) {
    throw new Error('the golden frame has no cell');
  }
  const cell = { ...running, cell_id: null, execution_id: execution };
  const rest = { isStopping: false, silent_ms: 0, endedWith: 'none' } as const;
  return { application, executors, cell, at_ms, ...rest };
}

/** A notebook as the sidebar sees it. */
class FakeController {
  readonly changed = new Signal<this, void>(this);
  readonly sent: object[] = [];
  readonly stopped: Work[] = [];
  readonly connector = new ConnectorModel(it => this.sent.push(it));
  readonly monitor = {
    others: [] as Work[],
    running: 0,
    stop: (it: Work) => this.stopped.push(it)
  };
  readonly panel = { sessionContext: { session: { kernel: {} as object | null } } };
  hasConnector: boolean | null = null;

  constructor(readonly name = 'a.ipynb') {}

  get controller(): NotebookController {
    return this as unknown as NotebookController;
  }
}

/** The sidebar, opened on a notebook. */
function opened(notebook: FakeController | null): InstanceType<typeof SparkSidebar> {
  const sidebar = new SparkSidebar();
  sidebar.follow(notebook?.controller ?? null);
  sidebar.hide();
  Widget.attach(sidebar, document.body);
  sidebar.show();
  return sidebar;
}

/** Waits for a microtask or two: a dialog is answered. */
async function answered(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

test('without a notebook there is a hint, and nothing else', () => {
  const { node } = opened(null);

  assert.match(textOf(node), /Open a notebook to connect it to Spark\./);
  assert.deepEqual(byName(node, 'button', 'Connect'), []);
});

test('what a kernel lacks is named', () => {
  const notebook = new FakeController();
  assert.match(textOf(opened(notebook).node), /a\.ipynb.*Waiting for the kernel…/);

  notebook.hasConnector = false;
  assert.match(textOf(opened(notebook).node), /%load_ext spark_connector/);

  notebook.panel.sessionContext.session.kernel = null;
  assert.match(textOf(opened(notebook).node), /This notebook has no kernel\./);
});

test('work of no cell is listed, kept and taken away', () => {
  const notebook = new FakeController();
  notebook.monitor.others = [work('e1'), work('e2')];
  const sidebar = opened(notebook);
  const panels = (): HTMLElement[] =>
    byName(sidebar.node, 'section', 'Spark jobs of no cell');
  const [first] = panels();

  assert.equal(panels().length, 2);
  assert.match(textOf(first ?? null), /59 of 210 tasks/);
  notebook.monitor.others = [work('e1')];
  sidebar.hide();
  sidebar.show();

  assert.deepEqual(panels(), [first]);
  notebook.monitor.others = [];
  sidebar.hide();
  sidebar.show();
  assert.equal(only(sidebar.node, 'section', 'Other Spark work').hidden, true);
});

test('Stop in the sidebar stops the work that it shows', () => {
  const notebook = new FakeController();
  notebook.monitor.others = [work('e1')];
  const { node } = opened(notebook);

  node.querySelector<HTMLElement>('.cyg-Stop')?.click();

  assert.deepEqual(
    notebook.stopped.map(it => it.cell.execution_id),
    ['e1']
  );
});

test('another notebook in front brings its own work', () => {
  const [one, two] = [new FakeController(), new FakeController('b.ipynb')];
  one.monitor.others = [work('e1')];
  const sidebar = opened(one);

  sidebar.hide();
  sidebar.follow(two.controller);
  sidebar.show();

  assert.match(textOf(sidebar.node), /b\.ipynb/);
  assert.deepEqual(byName(sidebar.node, 'section', 'Spark jobs of no cell'), []);
});

test('opening the sidebar asks for the state of now', () => {
  const notebook = new FakeController();
  notebook.connector.absorb(connected);

  opened(notebook);

  assert.deepEqual(notebook.sent, [{ type: 'hello' }]);
});

test('disconnecting asks first when jobs still run', async () => {
  const notebook = new FakeController();
  notebook.connector.absorb(connected);
  const { node } = opened(notebook);
  notebook.sent.length = 0;
  notebook.monitor.running = 2;
  dialogs.accept = false;

  only(node, 'button', 'Disconnect').click();
  await answered();
  assert.deepEqual(
    dialogs.asked.map(it => it.body),
    ['2 jobs still running will be stopped.']
  );
  assert.deepEqual(notebook.sent, []);

  dialogs.accept = true;
  only(node, 'button', 'Disconnect').click();
  await answered();
  assert.deepEqual(notebook.sent, [{ type: 'disconnect' }]);
});
