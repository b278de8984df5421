import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Cell, Frame } from '../../src/frame.js';
import { WorkModel } from '../../src/monitor/model.js';
import { isRunning, keyOf, type Work } from '../../src/monitor/work.js';
import { runningFrame } from '../golden.js';

const NOW = 5_000_000;
const first = runningFrame();
const [running, , failed] = first.cells as readonly [Cell, Cell, Cell];

function frame(...cells: readonly Cell[]): Frame {
  return { ...first, seq: first.seq + 1, cells };
}

function of(model: WorkModel, cell: Cell, now = NOW): Work | undefined {
  return model
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
  const model = new WorkModel();
  model.absorb(first, NOW);

  model.absorb(frame(), NOW);

  assert.equal(of(model, running)?.cell.tasks.succeeded, 59);
  assert.equal(of(model, failed)?.cell.state, 'failed');
});

test('a repeated frame changes nothing', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);
  const before = model.works(NOW);

  model.absorb(first, NOW);

  assert.deepEqual(model.works(NOW), before);
});

test('the clock goes on between frames, by the time of the kernel', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);

  assert.equal(of(model, running, NOW + 1500)?.at_ms, first.at_ms + 1500);
});

test('silence is reported only when it is long', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);

  assert.equal(of(model, running, NOW + 2000)?.silent_ms, 0);
  assert.equal(of(model, running, NOW + 6000)?.silent_ms, 6000);
  assert.equal(of(model, failed, NOW + 6000)?.silent_ms, 0);
});

test('what ran when the kernel was lost has ended with it, the rest stays', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);

  model.lose();

  const work = of(model, running);
  assert.equal(work?.endedWith, 'kernel');
  assert.ok(work && !isRunning(work));
  assert.equal(of(model, failed)?.endedWith, 'none');
});

for (const state of ['stopped', 'lost'] as const) {
  test(`what runs in an application that is ${state} has ended with it`, () => {
    const model = new WorkModel();
    model.absorb(first, NOW);

    model.absorb({ ...frame(), application: { ...first.application, state } }, NOW);

    assert.equal(of(model, running)?.endedWith, 'session');
  });
}

test('a new application ends the work of the one before', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);

  model.absorb({ ...frame(), application: { ...first.application, id: 'b' } }, NOW);

  assert.equal(of(model, running)?.endedWith, 'session');
});

test('the history of a first frame is not fresh, what comes later is', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);
  const later = { ...failed, execution_id: 'later' };

  model.absorb(frame(later), NOW);

  const isFresh = (cell: Cell): boolean =>
    model.isFresh(keyOf({ application: first.application, cell }));
  assert.equal(isFresh(failed), false);
  assert.equal(isFresh(running), true);
  assert.equal(isFresh(later), true);
});

test('a stop is on its way until a frame shows it', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);

  model.stopping(keyOf({ application: first.application, cell: running }));
  assert.equal(of(model, running)?.isStopping, true);

  model.absorb(frame({ ...running, state: 'stopped', ended_ms: NOW }), NOW);
  assert.equal(of(model, running)?.isStopping, false);
});

test('settled work comes back only when it runs again', () => {
  const model = new WorkModel();
  model.absorb(frame(succeeded(running)), NOW);
  model.settle(keyOf({ application: first.application, cell: running }));
  assert.equal(of(model, running), undefined);

  model.absorb(frame(running), NOW);

  assert.equal(of(model, running)?.cell.state, 'running');
});

test('an output may be newer than the newest frame, and older frames come late', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);
  const { application, executors } = first;
  const saved_ms = first.at_ms + 10;

  const work = model.learn(
    { application, executors, cell: succeeded(running), saved_ms },
    NOW
  );
  model.absorb(first, NOW);

  assert.equal(work?.cell.state, 'succeeded');
  assert.equal(of(model, running)?.cell.state, 'succeeded');
});

test('a frame that is newer than the output counts', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);
  const { application, executors, at_ms } = first;

  const work = model.learn(
    { application, executors, cell: succeeded(running), saved_ms: at_ms - 10 },
    NOW
  );

  assert.equal(work?.cell.state, 'running');
});

test('cleared outputs take what has ended along, not what runs', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);

  model.clear(running.cell_id ?? '');
  model.clear(failed.cell_id ?? '');

  assert.equal(of(model, running)?.cell.state, 'running');
  assert.equal(of(model, failed), undefined);
});

test('a frame that repeats cleared work does not bring it back', () => {
  const model = new WorkModel();
  model.absorb(first, NOW);
  model.clear(failed.cell_id ?? '');

  model.absorb(first, NOW);

  assert.equal(of(model, failed), undefined);
});

test('the model is bounded and keeps what runs', () => {
  const model = new WorkModel();
  model.absorb(frame(running), NOW);

  for (let index = 0; index < 400; index += 1) {
    model.absorb(frame({ ...failed, execution_id: `e${index}` }), NOW);
  }

  assert.equal(model.works(NOW).length, 200);
  assert.ok(of(model, running));
});
