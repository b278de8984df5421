import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ServerError, ShareServer } from '../../src/share/server.js';
import { Refusal, StandIn, state } from './stand.js';

/** The sentence that a user reads when opening a share fails. */
async function refusal(server: ShareServer): Promise<string> {
  const error: unknown = await server.open(7).catch(it => it);
  assert.ok(error instanceof ServerError);
  return error.message;
}

test('a refusal is read with all of its problems', async () => {
  const problems = [{ place: 'a/CON', reason: 'is no name.', remedy: 'Rename it.' }];
  const body = { message: 'It cannot be shared.', problems };
  const stand = new StandIn({ 'POST shares/7/open': new Refusal(400, body) });

  assert.equal(
    await refusal(stand.server),
    'It cannot be shared. a/CON: is no name. Rename it.'
  );
});

test('an answer of another program is given by its status alone', async () => {
  const page = new ShareServer(async () => new Response('<html>', { status: 502 }));
  const none = new ShareServer(() => Promise.reject(new TypeError('NetworkError')));

  assert.match(await refusal(page), /answered 502\. Try again/);
  assert.match(await refusal(none), /does not answer\. Try again/);
});

test('a file that is called as what all objects have is a file', async () => {
  const left_out = JSON.parse('{"__proto__": "has a name like that"}');
  const folders = [
    { ...state(), share: 1, place: 'a', title: 'a', owner: 'ben', right: 'own' }
  ].map(it => ({
    ...it,
    ...{ phase: 'follows', message: '', seq: 1, head: 1, waiting: 0, gone: [] },
    ...{ left_out, conflicts: [], present: [], changed: [], is_mine: true },
    is_missing: false
  }));
  const stand = new StandIn({ 'GET state': { ...state(), folders } });

  const [folder] = (await stand.server.state(null)).folders;

  assert.deepEqual(Object.entries(folder?.left_out ?? {}), [
    ['__proto__', 'has a name like that']
  ]);
});
