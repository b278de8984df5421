/** The table of a cell's jobs and their stages. */

import { disclosure, type Toggle } from '../disclosure.js';
import { h, type Part, type VNode } from '../dom.js';
import {
  duration,
  exceptions,
  jobTitle,
  plural,
  stagesDone,
  tasksDone,
  whole
} from '../format.js';
import type { Job, Stage, StageState, StageTasks, Tasks, WorkState } from '../frame.js';
import { type IconName, icon } from '../icons.js';
import { type EndedWith, stateWords, type Work } from './work.js';

const STAGE_WORDS: Readonly<Record<StageState, string>> = {
  pending: 'Waiting',
  active: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  skipped: 'Skipped'
};

/** The part that holds the stages of a job. */
export function jobPart(jobId: number): string {
  return `job-${jobId}`;
}

/** The jobs, each with its stages where the user has opened it. */
export function jobTable(
  work: Work,
  opened: ReadonlySet<string>,
  id: string,
  toggle: Toggle
): VNode {
  const head = ['Job', 'State', 'Tasks', 'Time'].map(name =>
    h('th', { key: name, scope: 'col', class: `cyg-Column-${name}` }, name)
  );
  const bodies = work.cell.job_list.map(job =>
    jobRows(job, work, opened.has(jobPart(job.job_id)), id, toggle)
  );
  return h(
    'table',
    { key: 'jobs', class: 'cyg-Jobs' },
    h('caption', { key: 'caption', class: 'cyg-Hidden' }, 'Spark jobs'),
    h('thead', { key: 'head' }, h('tr', { key: 'row' }, ...head)),
    ...bodies
  );
}

function jobRows(
  job: Job,
  work: Work,
  isOpen: boolean,
  id: string,
  toggle: Toggle
): VNode {
  const part = jobPart(job.job_id);
  const label = `Stages of job ${job.job_id}`;
  const opener = disclosure(part, label, isOpen, `${id}-${part}`, toggle);
  const name = h(
    'span',
    { key: 'name', class: 'cyg-Name' },
    h('span', { key: 'id' }, `Job ${job.job_id}`),
    h('span', { key: 'title' }, jobTitle(job)),
    h('span', { key: 'stages', class: 'cyg-Dim' }, stagesDone(job.stages))
  );
  return h(
    'tbody',
    { key: part, id: `${id}-${part}` },
    h(
      'tr',
      { key: 'job', class: 'cyg-Job' },
      h(
        'th',
        { key: 'name', scope: 'row' },
        h('div', { key: 'cell', class: 'cyg-NameCell' }, opener, name)
      ),
      stateCell(
        jobIcon(job.state, work.endedWith),
        stateWords(job.state, work.endedWith)
      ),
      tasksCell(job.tasks, job.state),
      timeCell(job.started_ms, job.ended_ms, work.at_ms)
    ),
    errorRow(job),
    ...(isOpen ? stageRows(job, work) : [])
  );
}

function errorRow(job: Job): Part {
  if (job.error === null) {
    return null;
  }
  return h(
    'tr',
    { key: 'error', class: 'cyg-Error' },
    h('td', { key: 'text', colspan: 4 }, job.error)
  );
}

function stageRows(job: Job, work: Work): readonly Part[] {
  const rows: Part[] = job.stage_list.map(it => stageRow(it, work));
  if (job.stages_omitted > 0) {
    const text = `${plural(job.stages_omitted, 'more stage')} not listed`;
    rows.push(
      h(
        'tr',
        { key: 'omitted', class: 'cyg-Stage' },
        h('td', { key: 'text', colspan: 4, class: 'cyg-Note' }, text)
      )
    );
  }
  return rows;
}

function stageRow(stage: Stage, { endedWith, at_ms }: Work): VNode {
  const { stage_id, attempt, name, state } = stage;
  const again = attempt > 0 ? `, attempt ${whole(attempt + 1)}` : '';
  const isCut = endedWith !== 'none' && (state === 'active' || state === 'pending');
  return h(
    'tr',
    { key: `stage-${stage_id}-${attempt}`, class: 'cyg-Stage' },
    h(
      'th',
      { key: 'name', scope: 'row' },
      h(
        'div',
        { key: 'cell', class: 'cyg-NameCell' },
        h(
          'span',
          { key: 'name', class: 'cyg-Name' },
          h('span', { key: 'title' }, `Stage ${stage_id}${again}`),
          h('span', { key: 'call', class: 'cyg-Dim' }, name)
        )
      )
    ),
    isCut
      ? stateCell('ended', stateWords('running', endedWith))
      : stateCell(state, STAGE_WORDS[state]),
    tasksCell(stage.tasks, state),
    timeCell(stage.started_ms, stage.ended_ms, at_ms)
  );
}

function jobIcon(state: WorkState, endedWith: EndedWith): IconName {
  return state === 'running' && endedWith !== 'none' ? 'ended' : state;
}

function stateCell(name: IconName, words: string): VNode {
  return h(
    'td',
    { key: 'state' },
    h(
      'span',
      { key: 'state', class: 'cyg-State' },
      icon(name),
      h('span', { key: 'words' }, words)
    )
  );
}

function tasksCell(tasks: StageTasks | Tasks, state: string): VNode {
  const rest = exceptions(tasks);
  const share = tasks.total === 0 ? 0 : (100 * tasks.succeeded) / tasks.total;
  return h(
    'td',
    { key: 'tasks', title: tasksDone(tasks) },
    h(
      'span',
      {
        key: 'bar',
        class: 'cyg-Bar cyg-Bar-small',
        'data-state': state,
        'aria-hidden': 'true'
      },
      h('span', { key: 'done', class: 'cyg-Bar-done', style: `width: ${share}%` })
    ),
    h(
      'span',
      { key: 'counts', class: 'cyg-Counts' },
      `${whole(tasks.succeeded)} of ${whole(tasks.total)}`,
      rest !== '' && h('span', { key: 'rest', class: 'cyg-Dim' }, rest)
    )
  );
}

function timeCell(started: number | null, ended: number | null, now: number): VNode {
  const text =
    started === null ? '–' : duration((ended ?? now) - started, ended !== null);
  return h('td', { key: 'time', class: 'cyg-Time' }, text);
}
