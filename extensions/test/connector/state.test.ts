import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readConnectorMessage, readState } from '../../src/connector/state.js';
import { WireError } from '../../src/wire.js';
import { golden } from '../golden.js';

test('a golden connected state is read whole', () => {
  const state = readState(golden('connector/state_connected.json'));

  assert.equal(state.phase, 'connected');
  assert.equal(state.session?.master, 'local[2]');
  assert.equal(state.lock.state, 'closed');
  assert.deepEqual(
    state.catalog.map(it => [it.name, it.cluster]),
    [
      ['local-all-cores', 'local'],
      ['local-small', 'local'],
      ['many-small-files', null]
    ]
  );
});

test('a golden failed state has its problems', () => {
  const state = readState(golden('connector/state_failed.json'));

  assert.equal(state.session, null);
  assert.equal(state.problems[0]?.remedy, 'Remove the line.');
});

test('an unknown type of message is ignored', () => {
  assert.equal(readConnectorMessage({ type: 'advice' }), null);
});

for (const [fault, change] of Object.entries({
  'an unknown phase': { phase: 'asleep' },
  'another version': { version: 2 },
  'a log that is too long': {
    log: Array(201).fill({ at_ms: 1, level: 'info', text: '' })
  },
  'a catalog of names': { catalog: ['local-small'] }
})) {
  test(`a state with ${fault} is refused`, () => {
    const state = { ...golden('connector/state_connected.json'), ...change };

    assert.throws(() => readConnectorMessage({ type: 'state', state }), WireError);
  });
}
