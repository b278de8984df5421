import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Cell, Frame } from '../../src/frame.js';
import { Ledger } from '../../src/monitor/ledger.js';
import { isRunning, keyOf, type Work } from '../../src/monitor/work.js';
import { runningFrame } from '../golden.js';

const NOW = 5_000_000;
const first = runningFrame();
const [running, , failed] = first.cells as readonly [Cell, Cell, Cell];

function frame(...cells: readonly Cell[]): Frame {
  return { ...first, seq: first.seq + 1, cells };
}

function of(ledger: Ledger, cell: Cell, now = NOW): Work | undefined {
  return ledger
    .works(now)
    .find(
      work =>
        work.cell.cell_id === cell.cell_id &&
        work.cell.execution_id === cell.execution_id
    );
}

function succeeded(cell: Cell): Cell {
  return { ...cell, state: 'succeeded', ended_ms: first.at_ms };
}

test('what a later frame does not mention stays as it was', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);

  ledger.absorb(frame(), NOW);

  assert.equal(of(ledger, running)?.cell.tasks.succeeded, 59);
  assert.equal(of(ledger, failed)?.cell.state, 'failed');
});

test('a repeated frame changes nothing', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);
  const before = ledger.works(NOW);

  ledger.absorb(first, NOW);

  assert.deepEqual(ledger.works(NOW), before);
});

test('the clock goes on between frames, by the time of the kernel', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);

  assert.equal(of(ledger, running, NOW + 1500)?.at_ms, first.at_ms + 1500);
});

test('silence is told only when it is long', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);

  assert.equal(of(ledger, running, NOW + 2000)?.silent_ms, 0);
  assert.equal(of(ledger, running, NOW + 6000)?.silent_ms, 6000);
  assert.equal(of(ledger, failed, NOW + 6000)?.silent_ms, 0);
});

test('what ran when the kernel was lost has ended with it, the rest stays', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);

  ledger.lose();

  const work = of(ledger, running);
  assert.equal(work?.fate, 'kernel');
  assert.ok(work && !isRunning(work));
  assert.equal(of(ledger, failed)?.fate, 'none');
});

for (const state of ['stopped', 'lost'] as const) {
  test(`what runs in an application that is ${state} has ended with it`, () => {
    const ledger = new Ledger();
    ledger.absorb(first, NOW);

    ledger.absorb({ ...frame(), application: { ...first.application, state } }, NOW);

    assert.equal(of(ledger, running)?.fate, 'session');
  });
}

test('a new application ends the work of the one before', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);

  ledger.absorb({ ...frame(), application: { ...first.application, id: 'b' } }, NOW);

  assert.equal(of(ledger, running)?.fate, 'session');
});

test('the history of a first frame is not fresh, what comes later is', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);
  const later = { ...failed, execution_id: 'later' };

  ledger.absorb(frame(later), NOW);

  const isFresh = (cell: Cell): boolean =>
    ledger.isFresh(keyOf({ application: first.application, cell }));
  assert.equal(isFresh(failed), false);
  assert.equal(isFresh(running), true);
  assert.equal(isFresh(later), true);
});

test('a stop is on its way until a frame shows it', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);

  ledger.stopping(keyOf({ application: first.application, cell: running }));
  assert.equal(of(ledger, running)?.isStopping, true);

  ledger.absorb(frame({ ...running, state: 'stopped', ended_ms: NOW }), NOW);
  assert.equal(of(ledger, running)?.isStopping, false);
});

test('settled work comes back only when it runs again', () => {
  const ledger = new Ledger();
  ledger.absorb(frame(succeeded(running)), NOW);
  ledger.settle(keyOf({ application: first.application, cell: running }));
  assert.equal(of(ledger, running), undefined);

  ledger.absorb(frame(running), NOW);

  assert.equal(of(ledger, running)?.cell.state, 'running');
});

test('an output may be newer than the newest frame, and older frames come late', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);
  const { application, executors } = first;
  const saved_ms = first.at_ms + 10;

  const work = ledger.learn(
    { application, executors, cell: succeeded(running), saved_ms },
    NOW
  );
  ledger.absorb(first, NOW);

  assert.equal(work?.cell.state, 'succeeded');
  assert.equal(of(ledger, running)?.cell.state, 'succeeded');
});

test('a frame that is newer than the output counts', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);
  const { application, executors, at_ms } = first;

  const work = ledger.learn(
    { application, executors, cell: succeeded(running), saved_ms: at_ms - 10 },
    NOW
  );

  assert.equal(work?.cell.state, 'running');
});

test('cleared outputs take what has ended along, not what runs', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);

  ledger.clear(running.cell_id ?? '');
  ledger.clear(failed.cell_id ?? '');

  assert.equal(of(ledger, running)?.cell.state, 'running');
  assert.equal(of(ledger, failed), undefined);
});

test('a frame that repeats cleared work does not bring it back', () => {
  const ledger = new Ledger();
  ledger.absorb(first, NOW);
  ledger.clear(failed.cell_id ?? '');

  ledger.absorb(first, NOW);

  assert.equal(of(ledger, failed), undefined);
});

test('the ledger is bounded and keeps what runs', () => {
  const ledger = new Ledger();
  ledger.absorb(frame(running), NOW);

  for (let index = 0; index < 400; index += 1) {
    ledger.absorb(frame({ ...failed, execution_id: `e${index}` }), NOW);
  }

  assert.equal(ledger.works(NOW).length, 200);
  assert.ok(of(ledger, running));
});
