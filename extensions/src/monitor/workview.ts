/** The panel of one cell: a header that is always there, and its details. */

import { disclosure, type Toggle } from '../disclosure.js';
import { h, type Part, type VNode } from '../dom.js';
import { duration, jobsDone, plural, stagesShort, tasksDone } from '../format.js';
import { type IconName, icon } from '../icons.js';
import { jobTable } from './table.js';
import { elapsed, failure, isRunning, stateWords, type Work } from './work.js';

/** What the user can do in a panel. */
export interface CellActions {
  /** Stop the work; absent where no kernel listens. */
  readonly stop?: () => void;
  /** Open or close a part that can be opened. */
  readonly toggle: Toggle;
}

/** The part that holds the table of jobs. */
export const DETAILS = 'details';

/**
 * The panel of one execution.
 *
 * @param work What to show.
 * @param opened The parts that are open: `details` and the jobs' ids.
 * @param id A prefix for the ids of this panel's elements.
 */
export function cellView(
  work: Work,
  opened: ReadonlySet<string>,
  id: string,
  actions: CellActions
): readonly Part[] {
  const isOpen = opened.has(DETAILS);
  return [
    header(work, isOpen, id, actions),
    progress(work),
    shortage(work),
    !isOpen && reason(work),
    isOpen && details(work, opened, id, actions)
  ];
}

function header(work: Work, isOpen: boolean, id: string, actions: CellActions): VNode {
  return h(
    'div',
    { key: 'header', class: 'cyg-Head' },
    disclosure(
      DETAILS,
      'Details of the Spark jobs',
      isOpen,
      `${id}-${DETAILS}`,
      actions.toggle
    ),
    h('span', { key: 'state', class: 'cyg-State' }, icon(stateIcon(work)), words(work)),
    facts(work),
    h(
      'span',
      { key: 'clock', class: 'cyg-Clock', title: 'Elapsed time' },
      duration(elapsed(work), !isRunning(work))
    ),
    stopButton(work, actions)
  );
}

/** The state alone is announced: a screen reader must not read every count. */
function words(work: Work): VNode {
  return h(
    'span',
    { key: 'words', role: 'status' },
    stateWords(work.cell.state, work.endedWith, work.isStopping)
  );
}

function stateIcon({ cell, endedWith }: Work): IconName {
  return cell.state === 'running' && endedWith !== 'none' ? 'ended' : cell.state;
}

function facts(work: Work): VNode {
  const { cell, executors, silent_ms } = work;
  const texts = [
    jobsDone(cell.jobs),
    stagesShort(cell.stages),
    tasksDone(cell.tasks),
    plural(executors.cores, 'core')
  ];
  if (silent_ms > 0) {
    texts.push(`no update for ${duration(silent_ms, false)}`);
  }
  const items = texts.map((it, index) =>
    h('span', { key: `fact-${index}`, class: 'cyg-Fact' }, it)
  );
  return h('span', { key: 'facts', class: 'cyg-Facts' }, ...items);
}

function stopButton(work: Work, actions: CellActions): Part {
  if (actions.stop === undefined || !isRunning(work)) {
    return null;
  }
  return h(
    'button',
    {
      key: 'stop',
      type: 'button',
      class: 'cyg-Button cyg-Stop',
      disabled: work.isStopping,
      title: 'Stop the Spark jobs of this cell',
      onclick: actions.stop
    },
    icon('stopped'),
    'Stop'
  );
}

function progress(work: Work): VNode {
  const { total, succeeded, active } = work.cell.tasks;
  // Before the first stage nothing is known, and a bar without a value says that.
  const part = (value: number): string => `${total === 0 ? 0 : (100 * value) / total}%`;
  const isKnown = total > 0;
  return h(
    'div',
    {
      key: 'progress',
      class: 'cyg-Bar',
      'data-state': stateIcon(work),
      role: 'progressbar',
      'aria-label': 'Spark tasks',
      'aria-valuemin': 0,
      'aria-valuemax': isKnown ? total : 1,
      'aria-valuenow': isKnown ? succeeded : undefined,
      'aria-valuetext': tasksDone(work.cell.tasks)
    },
    h('span', {
      key: 'done',
      class: 'cyg-Bar-done',
      style: `width: ${part(succeeded)}`
    }),
    h('span', {
      key: 'active',
      class: 'cyg-Bar-active',
      style: `width: ${part(isRunning(work) ? active : 0)}`
    })
  );
}

/** Why executors are missing; the work goes on with those that there are. */
function shortage(work: Work): Part {
  const { trouble } = work.executors;
  if (trouble === null || !isRunning(work)) {
    return null;
  }
  return h(
    'p',
    { key: 'shortage', class: 'cyg-Reason cyg-Dim', role: 'status' },
    icon('pending'),
    h('span', { key: 'text' }, trouble)
  );
}

function reason({ cell }: Work): Part {
  const text = failure(cell);
  if (text === null) {
    return null;
  }
  return h(
    'p',
    { key: 'reason', class: 'cyg-Reason' },
    icon('warning'),
    h('span', { key: 'text' }, text)
  );
}

function details(
  work: Work,
  opened: ReadonlySet<string>,
  id: string,
  actions: CellActions
): VNode {
  const { application } = work;
  const origin = [
    application.name,
    application.master,
    `Spark ${application.spark_version}`,
    application.id
  ].join(' · ');
  return h(
    'div',
    { key: 'details', class: 'cyg-Details', id: `${id}-${DETAILS}` },
    jobTable(work, opened, id, actions.toggle),
    work.cell.jobs_omitted > 0 &&
      h(
        'p',
        { key: 'omitted', class: 'cyg-Note' },
        `${plural(work.cell.jobs_omitted, 'more job')} not listed; the counts above include them.`
      ),
    h('p', { key: 'origin', class: 'cyg-Note' }, origin)
  );
}
