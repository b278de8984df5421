import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { PageConfig } from '@jupyterlab/coreutils';

import { untrackStatus, untrackStatusWhile } from '../src/untracked.js';

const OPTION = 'untracked_message_types';

beforeEach(() => {
  PageConfig.setOption(OPTION, JSON.stringify(['stream']));
});

function untracked(): unknown {
  return JSON.parse(PageConfig.getOption(OPTION));
}

/** Two rounds of the event loop: one to hear of it, one to act. */
async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve));
  await new Promise(resolve => setTimeout(resolve));
}

test('a type is left out once', () => {
  untrackStatus('create_subshell_request');
  untrackStatus('create_subshell_request');

  assert.deepEqual(untracked(), ['stream', 'create_subshell_request']);
});

test('comm messages count again when the last answer is through', async () => {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  untrackStatusWhile('comm_msg', first.promise);
  untrackStatusWhile('comm_msg', second.promise);

  first.resolve();
  await settled();
  assert.deepEqual(untracked(), ['stream', 'comm_msg']);

  second.reject(new Error('Canceled future'));
  await settled();
  assert.deepEqual(untracked(), ['stream']);
});
