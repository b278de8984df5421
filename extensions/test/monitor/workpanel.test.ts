import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Cell } from '../../src/frame.js';
import { fromSaved, type Work } from '../../src/monitor/work.js';
import { WorkPanel } from '../../src/monitor/workpanel.js';
import { runningFrame, savedWork } from '../golden.js';
import { byName, only, page, textOf } from '../page.js';

const frame = runningFrame();
const [running, , failed] = frame.cells as readonly [Cell, Cell, Cell];
const DETAILS = 'Details of the Spark jobs';
let executions = 0;

/** The work of `cell`, as an execution that no other test has opened. */
function work(cell: Cell, changes: Partial<Work> = {}): Work {
  executions += 1;
  return {
    application: frame.application,
    executors: frame.executors,
    cell: { ...cell, execution_id: `e${executions}` },
    at_ms: frame.at_ms,
    endedWith: 'none',
    isStopping: false,
    silent_ms: 0,
    ...changes
  };
}

function panel(shown: Work, stop?: (work: Work) => void): WorkPanel {
  const document = page();
  const made = new WorkPanel(document, 'Spark jobs of this cell');
  document.body.append(made.node);
  made.show(shown, stop);
  return made;
}

test('the header shows jobs, stages, tasks, cores and time', () => {
  const { node } = panel(work(running));

  const header = textOf(node.querySelector('.cyg-Head'));
  assert.match(header, /Running/);
  assert.match(header, /0 of 1 job/);
  assert.match(header, /1 of 3 stages/);
  assert.match(header, /59 of 210 tasks \(2 active, 1 failed\)/);
  assert.match(header, /2 cores/);
  assert.match(header, /2 s/);
});

test('the progress bar has its values', () => {
  const { node } = panel(work(running));

  const bar = only(node, '[role=progressbar]', 'Spark tasks');
  assert.equal(bar.getAttribute('aria-valuenow'), '59');
  assert.equal(bar.getAttribute('aria-valuemax'), '210');
  assert.equal(
    bar.getAttribute('aria-valuetext'),
    '59 of 210 tasks (2 active, 1 failed)'
  );
});

test('missing executors are reported while the work runs, and only then', () => {
  const trouble = '2 of 8 executors: memory quota of your namespace';
  const executors = { ...frame.executors, wanted: 8, trouble };

  const { node } = panel(work(running, { executors }));

  const notice = [...node.querySelectorAll('p[role=status]')].map(textOf);
  assert.deepEqual(notice, [trouble]);
  const ended = panel(work({ ...running, state: 'succeeded' }, { executors }));
  assert.equal(ended.node.querySelector('p[role=status]'), null);
  assert.equal(panel(work(running)).node.querySelector('p[role=status]'), null);
});

test('a bar without tasks claims no value', () => {
  const tasks = { ...running.tasks, total: 0, succeeded: 0, active: 0 };
  const { node } = panel(work({ ...running, tasks }));

  assert.equal(
    node.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'),
    null
  );
});

test('the details are a table of jobs with their stages, opened by buttons', () => {
  const { node } = panel(work(running));
  const button = only(node, 'button', DETAILS);
  assert.equal(button.getAttribute('aria-expanded'), 'false');

  button.click();

  assert.equal(button.getAttribute('aria-expanded'), 'true');
  assert.ok(node.querySelector(`#${button.getAttribute('aria-controls')}`));
  assert.match(textOf(node.querySelector('table')), /Job 0.*Stage 0.*Stage 1.*Stage 2/);

  only(node, 'button', 'Stages of job 0').click();
  assert.doesNotMatch(textOf(node.querySelector('table')), /Stage 1/);
});

test('HTML in a name stays text', () => {
  const { node } = panel(work(running));
  only(node, 'button', DETAILS).click();

  assert.match(textOf(node), /delay by carrier <b>& hour<\/b>/);
  assert.equal(node.querySelector('b'), null);
});

test('an update keeps focus and what is open', () => {
  const shown = work(running);
  const made = panel(shown);
  const button = only(made.node, 'button', DETAILS);
  button.click();
  button.focus();

  const tasks = { ...running.tasks, succeeded: 60 };
  made.show({ ...shown, cell: { ...shown.cell, tasks } });

  assert.equal(made.node.ownerDocument.activeElement, button);
  assert.ok(made.node.querySelector('table'));
  assert.match(textOf(made.node), /60 of 210/);
});

test('the saved output takes over what was open in the live panel', () => {
  const shown = work(running);
  only(panel(shown).node, 'button', DETAILS).click();

  const ended: Cell = { ...shown.cell, state: 'succeeded', ended_ms: frame.at_ms };
  const { node } = panel({ ...shown, cell: ended });

  assert.ok(node.querySelector('table'));
});

test('Stop asks once and says so until a frame shows it', () => {
  const asked: Work[] = [];
  const shown = work(running);
  const made = panel(shown, it => asked.push(it));

  only(made.node, 'button', 'Stop').click();
  made.show({ ...shown, isStopping: true }, it => asked.push(it));

  const button = only(made.node, 'button', 'Stop') as HTMLButtonElement;
  button.click();
  assert.equal(asked.length, 1);
  assert.equal(button.disabled, true);
  assert.equal(textOf(made.node.querySelector('[role=status]')), 'Stopping…');
});

test('there is nothing to stop in what has ended or was saved', () => {
  const { node } = panel(work(failed), () => undefined);
  assert.deepEqual(byName(node, 'button', 'Stop'), []);

  const saved = panel(fromSaved(savedWork('succeeded'))).node;
  assert.deepEqual(byName(saved, 'button', 'Stop'), []);
});

test('a failure shows its reason without a click, and jobs that are not listed', () => {
  const { node } = panel(work(failed));
  assert.match(textOf(node), /Failed.*Überlauf in der Zeile 7 — Ελλάδα …/);

  only(node, 'button', DETAILS).click();

  assert.match(textOf(node), /30 more jobs not listed/);
  assert.match(textOf(node.querySelector('table')), /Überlauf/);
});

for (const [endedWith, words] of [
  ['kernel', 'Ended with its kernel'],
  ['session', 'Ended with its Spark session'],
  ['unknown', 'Running when saved']
] as const) {
  test(`work that ended with "${endedWith}" does not say that it runs`, () => {
    const { node } = panel(work(running, { endedWith }), () => undefined);
    only(node, 'button', DETAILS).click();

    assert.equal(textOf(node.querySelector('[role=status]')), words);
    assert.doesNotMatch(textOf(node), /Running(?! when)|active/);
    assert.deepEqual(byName(node, 'button', 'Stop'), []);
  });
}

test('long silence is shown', () => {
  const { node } = panel(work(running, { silent_ms: 7000 }));

  assert.match(textOf(node), /no update for 7 s/);
});

test('every icon stands next to a word', () => {
  const { node } = panel(work(failed), () => undefined);
  only(node, 'button', DETAILS).click();

  for (const icon of node.querySelectorAll('svg')) {
    const place = icon.parentElement;
    assert.equal(icon.getAttribute('aria-hidden'), 'true');
    assert.notEqual(textOf(place) || place?.getAttribute('aria-label'), '');
  }
});
