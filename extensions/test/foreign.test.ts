import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Foreign } from '../src/withheld/foreign.js';

const MOVED = [
  { place: 'work/flights', is_mine: false },
  { place: 'plots', is_mine: true }
];

function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: key => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value)
  };
}

test('a folder of another is known where it was moved to, and after a reload', () => {
  const storage = memory();
  const first = new Foreign(storage, '/user/ben/');
  assert.equal(first.has('work/flights/a.ipynb'), false);
  first.learn(MOVED);

  for (const foreign of [first, new Foreign(storage, '/user/ben/')]) {
    assert.equal(foreign.has('work/flights/a.ipynb'), true);
    assert.equal(foreign.has('RTC:work/flights/b/a.ipynb'), true);
    assert.equal(foreign.has('Shared/anna/x/a.ipynb'), true);
    assert.equal(foreign.has('work/flights2/a.ipynb'), false);
    assert.equal(foreign.has('plots/a.ipynb'), false);
    assert.equal(foreign.has(undefined), false);
  }
  assert.equal(new Foreign(storage, '/user/cleo/').has('work/flights/a'), false);
  first.learn([]);
  assert.equal(first.has('work/flights/a.ipynb'), false);
});

test('a browser that keeps nothing still knows what the server has said', () => {
  const no = (): never => {
    throw new Error('no storage');
  };
  const foreign = new Foreign({ getItem: no, setItem: no }, '/');

  foreign.learn(MOVED);

  assert.equal(foreign.has('work/flights/a.ipynb'), true);
});

test('what is kept and is no list is nothing', () => {
  const foreign = new Foreign({ getItem: () => '{"a":1}', setItem: () => {} }, '/');

  assert.equal(foreign.has('a/b'), false);
});
