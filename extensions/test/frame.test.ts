import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MIME_TYPE, readFrame, readMonitorMessage, readSaved } from '../src/frame.js';
import { WireError } from '../src/wire.js';
import { golden, runningFrame, savedWork } from './golden.js';

type Json = Record<string, unknown>;

test('a golden frame is read whole', () => {
  const frame = runningFrame();

  assert.equal(frame.seq, 42);
  assert.equal(frame.application.spark_version, '4.3.0');
  assert.deepEqual(
    frame.cells.map(cell => [cell.cell_id, cell.state, cell.jobs_omitted]),
    [
      ['6f1c9a52-cell-a', 'running', 0],
      [null, 'succeeded', 0],
      ['6f1c9a52-cell-b', 'failed', 30]
    ]
  );
  assert.equal(frame.cells[0]?.job_list[0]?.stage_list[1]?.tasks.succeeded, 57);
});

test('a golden frame has the reason why executors are missing', () => {
  const { executors } = readFrame(golden('monitor/frame_short.json'));

  assert.equal(executors.count, 2);
  assert.equal(executors.wanted, 8);
  assert.equal(executors.trouble, '2 of 8 executors: memory quota of your namespace');
});

test('a saved output of an earlier version has nothing on missing executors', () => {
  const saved = golden('monitor/saved_succeeded.json');
  const { count, cores, tasks_active } = saved.executors as Record<string, number>;

  const read = readSaved({ ...saved, executors: { count, cores, tasks_active } });

  assert.equal(read.executors.trouble, null);
});

test('an idle golden frame has no cells', () => {
  assert.deepEqual(readFrame(golden('monitor/frame_idle.json')).cells, []);
});

for (const state of ['succeeded', 'failed', 'stopped'] as const) {
  test(`a golden saved output that ${state} is read`, () => {
    assert.equal(savedWork(state).cell.state, state);
  });
}

test('an unknown type of message is ignored', () => {
  assert.equal(readMonitorMessage({ type: 'plan', plan: {} }), null);
});

test('unknown fields are ignored', () => {
  const frame = { ...golden('monitor/frame_idle.json'), later: true };

  assert.ok(!('later' in readFrame(frame)));
});

const faults: Readonly<Record<string, (frame: Json) => unknown>> = {
  'no object': () => 'frame',
  null: () => null,
  'another version': frame => ({ ...frame, version: 2 }),
  'a missing field': ({ at_ms, ...rest }) => rest,
  'cells that are no list': frame => ({ ...frame, cells: {} }),
  'more than 16 cells': frame => ({
    ...frame,
    cells: Array(17).fill((frame.cells as Json[])[0])
  }),
  'a negative count': frame => ({ ...frame, cells_omitted: -1 }),
  'a count that is no number': frame => ({ ...frame, seq: Number.NaN }),
  'an unknown state': frame => ({
    ...frame,
    application: { ...(frame.application as Json), state: 'asleep' }
  })
};

for (const [fault, make] of Object.entries(faults)) {
  test(`a frame with ${fault} is refused`, () => {
    const frame = make(golden('monitor/frame_running.json'));

    assert.throws(() => readMonitorMessage({ type: 'frame', frame }), WireError);
  });
}

test('an error names the place of the fault', () => {
  const frame = golden('monitor/frame_running.json');
  const [cell] = frame.cells as Json[];
  (cell as Json).state = 5;

  assert.throws(() => readFrame(frame), /frame\.cells\[0\]\.state must be one of/);
});

test('a summary is read with its bundle, which is checked too', () => {
  const saved = golden('monitor/saved_failed.json');
  const summary = {
    version: 1,
    cell_id: 'a',
    execution_id: 'e',
    application_id: 'local-1',
    display_id: 'd',
    bundle: { [MIME_TYPE]: saved, 'text/html': '<p>x</p>', 'text/plain': 'x' }
  };

  const message = readMonitorMessage({ type: 'summary', summary });
  assert.equal(message?.type, 'summary');

  summary.bundle[MIME_TYPE] = { version: 1 };
  assert.throws(() => readMonitorMessage({ type: 'summary', summary }), WireError);
});

test('a saved output that is no summary is refused', () => {
  assert.throws(() => readSaved({ version: 1, cell: '<script>' }), WireError);
});
