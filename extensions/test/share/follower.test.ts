import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SharingState } from '../../src/share/answer.js';
import { Follower } from '../../src/share/follower.js';
import { ShareServer } from '../../src/share/server.js';
import { state } from './stand.js';

/** Follows a server that gives these answers, until there are no more. */
async function followed(answers: readonly (object | number)[]): Promise<Followed> {
  const asked: string[] = [];
  const seen: number[] = [];
  const pauses: number[] = [];
  const left = [...answers];
  const server = new ShareServer(async path => {
    asked.push(path);
    if (left.length === 0) {
      follower.stop();
    }
    const next = left.shift() ?? 404;
    return typeof next === 'number'
      ? Response.json({ message: 'No.' }, { status: next })
      : Response.json(next);
  });
  const follower = new Follower(
    server,
    async () => undefined,
    async time => void pauses.push(time)
  );
  follower.changed.connect((_, it) => seen.push(it.version));
  await follower.run();
  return { asked, seen, pauses, state: follower.state };
}

interface Followed {
  readonly asked: readonly string[];
  readonly seen: readonly number[];
  readonly pauses: readonly number[];
  readonly state: SharingState | null;
}

test('a server that knows no shares is asked once', async () => {
  const { asked, seen, pauses } = await followed([404]);

  assert.deepEqual([asked, seen, pauses], [['state'], [], []]);
});

test('each version is announced once, and the next one is waited for', async () => {
  const { asked, seen } = await followed([
    state({ version: 5 }),
    state({ version: 5 }),
    state({ version: 9 })
  ]);

  assert.deepEqual(seen, [5, 9]);
  assert.deepEqual(asked, ['state', 'state?since=5', 'state?since=5', 'state?since=9']);
});

test('a server that is away is asked again, ever more slowly', async () => {
  const { seen, pauses } = await followed([
    ...[503, 503, 503, 503, 503],
    state({ version: 2 }),
    503
  ]);

  assert.deepEqual(seen, [2]);
  assert.deepEqual(pauses, [500, 2000, 5000, 10_000, 10_000, 500]);
});

test('a server that was there is asked again, whatever a proxy says of it', async () => {
  const { seen, pauses } = await followed([
    ...[503, state({ version: 5 }), 404, 404],
    state({ version: 9 })
  ]);

  assert.deepEqual(
    [seen, pauses],
    [
      [5, 9],
      [500, 500, 2000]
    ]
  );
});

test('an answer that is not as agreed is none', async () => {
  const { seen, pauses } = await followed([{ version: 1 }, state({ version: 2 })]);

  assert.deepEqual([seen, pauses], [[2], [500]]);
});
