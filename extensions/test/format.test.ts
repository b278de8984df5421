import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  duration,
  jobsDone,
  jobTitle,
  plural,
  stagesDone,
  stagesShort,
  tasksDone,
  whole
} from '../src/format.js';
import { runningFrame } from './golden.js';

test('a duration is as exact as it is short', () => {
  assert.equal(duration(0), '0 ms');
  assert.equal(duration(9_960), '9.9 s');
  assert.equal(duration(59_999), '59 s');
  assert.equal(duration(65_000), '1 min 05 s');
  assert.equal(duration(3_660_000), '1 h 01 min');
  assert.equal(duration(-5), '0 ms');
});

test('a running clock shows whole seconds', () => {
  assert.equal(duration(1_999, false), '1 s');
});

test('thousands are set apart', () => {
  assert.equal(whole(336_776), '336\u202f776');
  assert.equal(whole(999), '999');
});

test('one is not plural', () => {
  assert.equal(plural(1, 'job'), '1 job');
  assert.equal(plural(0, 'job'), '0 jobs');
});

test('counts name what is out of the ordinary', () => {
  const [running, , failed] = runningFrame().cells;
  assert.ok(running !== undefined && failed !== undefined);

  assert.equal(tasksDone(running.tasks), '59 of 210 tasks (2 active, 1 failed)');
  assert.equal(jobsDone(failed.jobs), '30 of 31 jobs (1 failed)');
  assert.equal(stagesDone(failed.stages), '30 of 31 stages (1 failed, 1 skipped)');
  assert.equal(stagesShort(failed.stages), '30 of 31 stages');
});

test('a job without a description has a name all the same', () => {
  const job = runningFrame().cells[0]?.job_list[0];
  assert.ok(job !== undefined);

  assert.equal(jobTitle({ ...job, name: '  ' }), 'Unnamed job');
  assert.equal(jobTitle({ ...job, name: 'one\ntwo' }), 'one');
});
