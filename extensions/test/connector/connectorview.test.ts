import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectorView } from '../../src/connector/connectorview.js';
import { ConnectorModel } from '../../src/connector/model.js';
import { type ConnectorState, readState } from '../../src/connector/state.js';
import { render } from '../../src/dom.js';
import { golden } from '../golden.js';
import { byName, only, page, textOf } from '../page.js';

const connected = readState(golden('connector/state_connected.json'));
const failed = readState(golden('connector/state_failed.json'));

/** The panel of one notebook, with the messages that it sends. */
class Panel {
  readonly sent: object[] = [];
  readonly body = page().body;
  private readonly connector = new ConnectorModel(message => this.sent.push(message));

  constructor(state: ConnectorState) {
    this.receive(state);
  }

  receive(state: ConnectorState): void {
    this.connector.absorb(state);
    this.redraw();
  }

  bundle(title: string): HTMLInputElement {
    return only(this.body, 'input', title) as HTMLInputElement;
  }

  press(label: string): void {
    only(this.body, 'button', label).click();
  }

  get chosen(): readonly string[] {
    return [...this.body.querySelectorAll('input')]
      .filter(it => it.checked)
      .map(it => it.value);
  }

  private redraw(): void {
    const shown = this.connector.shown;
    assert.ok(shown !== null);
    const then =
      <T extends unknown[]>(act: (...values: T) => void) =>
      (...values: T): void => {
        act(...values);
        this.redraw();
      };
    const parts = connectorView(shown, {
      pick: then(bundle => this.connector.pick(bundle)),
      connect: then(() => this.connector.connect()),
      cancel: then(() => this.connector.end('cancel')),
      disconnect: then(() => this.connector.end('disconnect')),
      toggle: then(part => this.connector.toggle(part))
    });
    render(this.body, ...parts);
  }
}

const disconnected: ConnectorState = {
  ...connected,
  phase: 'disconnected',
  chosen: [],
  session: null
};

test('the default cluster is chosen at first', () => {
  const panel = new Panel(disconnected);

  assert.deepEqual(panel.chosen, ['local-all-cores']);
});

test('clusters exclude each other and settings add up', () => {
  const panel = new Panel(disconnected);

  panel.bundle('Many small files').click();
  panel.bundle('This machine, small').click();
  assert.deepEqual(panel.chosen, ['local-small', 'many-small-files']);

  panel.bundle('Many small files').click();
  assert.deepEqual(panel.chosen, ['local-small']);
});

test('Connect sends the cluster first, once', () => {
  const panel = new Panel(disconnected);
  panel.bundle('Many small files').click();

  panel.press('Connect');
  panel.press('Connect');

  const bundles = ['local-all-cores', 'many-small-files'];
  assert.deepEqual(panel.sent, [{ type: 'connect', bundles }]);
});

test('the choice survives a new catalog', () => {
  const panel = new Panel(disconnected);
  panel.bundle('This machine, small').click();

  panel.receive({ ...disconnected, catalog: disconnected.catalog.slice(1) });

  assert.deepEqual(panel.chosen, ['local-small']);
});

test('while connecting there are a live log and a way out', () => {
  const panel = new Panel({ ...connected, phase: 'connecting', session: null });

  const log = only(panel.body, '[role=log]', 'Connection log');
  assert.equal(log.getAttribute('aria-live'), 'polite');
  assert.match(textOf(log), /Java 25 started in 2.1 s/);

  panel.press('Cancel');
  assert.deepEqual(panel.sent, [{ type: 'cancel' }]);
});

test('each executor is shown as it reported itself', () => {
  const panel = new Panel(connected);

  const list = only(panel.body, 'ul', 'Executors');

  assert.deepEqual([...list.querySelectorAll('li')].map(textOf), [
    'Executor 1: protected',
    'Executor 2: has not reported yet'
  ]);
});

test('a connected session shows facts, lock and settings', () => {
  const panel = new Panel(connected);
  assert.match(textOf(panel.body), /Connected.*This machine, all cores.*local\[2\]/);

  const lock = only(panel.body, 'section', 'Protection');
  assert.match(textOf(lock), /Protected: authenticated and encrypted/);

  panel.press('Settings (1)');
  assert.match(textOf(lock), /spark.authenticate ?true/);

  panel.press('Disconnect');
  assert.deepEqual(panel.sent, [{ type: 'disconnect' }]);
});

test('what workers printed last is shown on request', () => {
  const panel = new Panel(connected);

  panel.press('Printed by workers');

  const lines = only(panel.body, '[role=log]', 'Printed by Python workers');
  assert.equal(textOf(lines), 'row 1 seen');
  panel.receive({ ...connected, printed: null });
  assert.deepEqual(byName(panel.body, 'button', 'Printed by workers'), []);
});

for (const [state, words] of [
  ['open', 'Not protected'],
  ['unverifiable', 'Protection could not be verified']
] as const) {
  test(`an ${state} lock says so and why`, () => {
    const lock = {
      state,
      reasons: ['RPC encryption is off.'],
      notes: ["The bundle 'kafka' brings code."],
      settings: [],
      executors: []
    };
    const panel = new Panel({ ...connected, lock });

    const section = only(panel.body, 'section', 'Protection');
    assert.match(textOf(section), new RegExp(`${words}.*RPC encryption is off`));
    assert.match(textOf(section), /'kafka' brings code/);
  });
}

test('a setting that is not as it should be says both values', () => {
  const settings = [
    { key: 'spark.authenticate', expected: 'true', effective: 'false' }
  ];
  const panel = new Panel({ ...connected, lock: { ...connected.lock, settings } });

  panel.press('Settings (1)');

  assert.match(textOf(panel.body), /spark.authenticate ?false, expected true/);
});

test('problems show place, key, reason and remedy above the form', () => {
  const panel = new Panel(failed);

  const problems = only(panel.body, 'section', 'Problems');
  assert.match(textOf(problems), /weak.yaml: spark.authenticate/);
  assert.match(textOf(problems), /cannot switch authentication off.*Remove the line/);
  assert.ok(byName(panel.body, 'button', 'Connect')[0]);
});

test('a session of another maker is explained and cannot be ended here', () => {
  const panel = new Panel({ ...connected, phase: 'foreign' });

  assert.match(textOf(panel.body), /did not start this session/);
  assert.deepEqual(byName(panel.body, 'button', 'Disconnect'), []);
});

test('a waiting click is over when the kernel has answered', () => {
  const panel = new Panel(connected);
  panel.press('Disconnect');
  assert.equal(
    (only(panel.body, 'button', 'Disconnect') as HTMLButtonElement).disabled,
    true
  );

  panel.receive(connected);

  assert.equal(
    (only(panel.body, 'button', 'Disconnect') as HTMLButtonElement).disabled,
    false
  );
});

test('a panel that is shown again asks for the bundles of now', () => {
  const sent: object[] = [];
  const connector = new ConnectorModel(message => sent.push(message));

  connector.refresh();
  assert.deepEqual(sent, [], 'a kernel without the connector is left in peace');
  connector.absorb(connected);
  connector.refresh();

  assert.deepEqual(sent, [{ type: 'hello' }]);
});
