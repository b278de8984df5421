import assert from 'node:assert/strict';
import { test } from 'node:test';

import { MIME_TYPE, type Saved, type Summary } from '../../src/frame.js';
import { place, removeOlder, savedWorks } from '../../src/monitor/saved.js';
import { keyOf } from '../../src/monitor/work.js';
import { golden } from '../golden.js';
import { FakeOutputs, type Output } from '../lab/outputs.js';

const PRINTED: Output = { output_type: 'stream', data: { 'text/plain': 'hello' } };

function announced(execution: string, started_ms: number, jobs = 1): Summary {
  const saved = golden('monitor/saved_succeeded.json') as unknown as Saved;
  const counts = { ...saved.cell.jobs, total: jobs };
  const cell = { ...saved.cell, execution_id: execution, started_ms, jobs: counts };
  return {
    cell_id: cell.cell_id,
    execution_id: execution,
    application_id: saved.application.id,
    display_id: 'd',
    bundle: { [MIME_TYPE]: { ...saved, cell }, 'text/plain': 'Spark: 1 job' }
  };
}

test('a summary adds the output that is missing, once', () => {
  const outputs = new FakeOutputs();
  outputs.add(PRINTED);

  place(outputs.model, announced('e1', 10));
  place(outputs.model, announced('e1', 10));

  assert.deepEqual(outputs.executions, [undefined, 'e1']);
  assert.equal(outputs.get(1).output_type, 'display_data');
  assert.deepEqual(outputs.get(1).metadata, { tags: ['spark-panel'] });
  assert.deepEqual(Object.keys(outputs.get(1).data), [MIME_TYPE, 'text/plain']);
});

test('a later summary of the same execution takes the place of the first', () => {
  const outputs = new FakeOutputs();
  place(outputs.model, announced('e1', 10));
  outputs.add(PRINTED);

  place(outputs.model, announced('e1', 10, 2));

  assert.deepEqual(outputs.executions, ['e1', undefined]);
  assert.equal((outputs.get(0).data[MIME_TYPE] as Saved).cell.jobs.total, 2);
});

test('a summary takes the outputs of earlier executions away', () => {
  const outputs = new FakeOutputs();
  place(outputs.model, announced('e1', 10));

  place(outputs.model, announced('e2', 20));

  assert.deepEqual(outputs.executions, ['e2']);
});

test('a summary of an earlier execution comes too late', () => {
  const outputs = new FakeOutputs();
  place(outputs.model, announced('e2', 20));

  place(outputs.model, announced('e1', 10));

  assert.deepEqual(outputs.executions, ['e2']);
});

test('the saved outputs are found by their keys, among anything', () => {
  const outputs = new FakeOutputs();
  outputs.add(PRINTED);
  outputs.add({ data: { [MIME_TYPE]: '<script>' } });
  const summary = announced('e1', 10);
  place(outputs.model, summary);

  const saved = summary.bundle[MIME_TYPE] as Saved;
  assert.deepEqual([...savedWorks(outputs.model).keys()], [keyOf(saved)]);
});

test('a new execution takes only Spark outputs of older ones away', () => {
  const outputs = new FakeOutputs();
  outputs.add(PRINTED);
  place(outputs.model, announced('e1', 10));

  removeOlder(outputs.model, 'e1', 10);
  assert.equal(outputs.length, 2);

  removeOlder(outputs.model, 'e2', 20);
  assert.deepEqual(outputs.list, [PRINTED]);
});
