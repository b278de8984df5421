/** The table of a cell's jobs and their stages. */

import { type Part, type Shape, shape } from '../dom.js';
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
import { type CellActions, disclosure } from './view.js';
import { type Fate, stateWords, type Work } from './work.js';

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

/** The jobs, each with its stages where the person has opened it. */
export function jobTable(
  work: Work,
  opened: ReadonlySet<string>,
  id: string,
  actions: CellActions
): Shape {
  const head = ['Job', 'State', 'Tasks', 'Time'].map(name =>
    shape('th', { key: name, scope: 'col', class: `cyg-Column-${name}` }, name)
  );
  const bodies = work.cell.job_list.map(job =>
    jobRows(job, work, opened.has(jobPart(job.job_id)), id, actions)
  );
  return shape(
    'table',
    { key: 'jobs', class: 'cyg-Jobs' },
    shape('caption', { key: 'caption', class: 'cyg-Hidden' }, 'Spark jobs'),
    shape('thead', { key: 'head' }, shape('tr', { key: 'row' }, ...head)),
    ...bodies
  );
}

function jobRows(
  job: Job,
  work: Work,
  isOpen: boolean,
  id: string,
  actions: CellActions
): Shape {
  const part = jobPart(job.job_id);
  const opener = disclosure(part, `Stages of job ${job.job_id}`, isOpen, id, actions);
  const name = shape(
    'span',
    { key: 'name', class: 'cyg-Name' },
    shape('span', { key: 'id' }, `Job ${job.job_id}`),
    shape('span', { key: 'title' }, jobTitle(job)),
    shape('span', { key: 'stages', class: 'cyg-Dim' }, stagesDone(job.stages))
  );
  return shape(
    'tbody',
    { key: part, id: `${id}-${part}` },
    shape(
      'tr',
      { key: 'job', class: 'cyg-Job' },
      shape(
        'th',
        { key: 'name', scope: 'row' },
        shape('div', { key: 'cell', class: 'cyg-NameCell' }, opener, name)
      ),
      stateCell(jobIcon(job.state, work.fate), stateWords(job.state, work.fate)),
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
  return shape(
    'tr',
    { key: 'error', class: 'cyg-Error' },
    shape('td', { key: 'text', colspan: 4 }, job.error)
  );
}

function stageRows(job: Job, work: Work): readonly Part[] {
  const rows: Part[] = job.stage_list.map(it => stageRow(it, work));
  if (job.stages_omitted > 0) {
    const text = `${plural(job.stages_omitted, 'more stage')} not listed`;
    rows.push(
      shape(
        'tr',
        { key: 'omitted', class: 'cyg-Stage' },
        shape('td', { key: 'text', colspan: 4, class: 'cyg-Note' }, text)
      )
    );
  }
  return rows;
}

function stageRow(stage: Stage, { fate, at_ms }: Work): Shape {
  const { stage_id, attempt, name, state } = stage;
  const again = attempt > 0 ? `, attempt ${whole(attempt + 1)}` : '';
  const isCut = fate !== 'none' && (state === 'active' || state === 'pending');
  return shape(
    'tr',
    { key: `stage-${stage_id}-${attempt}`, class: 'cyg-Stage' },
    shape(
      'th',
      { key: 'name', scope: 'row' },
      shape(
        'div',
        { key: 'cell', class: 'cyg-NameCell' },
        shape(
          'span',
          { key: 'name', class: 'cyg-Name' },
          shape('span', { key: 'title' }, `Stage ${stage_id}${again}`),
          shape('span', { key: 'call', class: 'cyg-Dim' }, name)
        )
      )
    ),
    isCut
      ? stateCell('ended', stateWords('running', fate))
      : stateCell(state, STAGE_WORDS[state]),
    tasksCell(stage.tasks, state),
    timeCell(stage.started_ms, stage.ended_ms, at_ms)
  );
}

function jobIcon(state: WorkState, fate: Fate): IconName {
  return state === 'running' && fate !== 'none' ? 'ended' : state;
}

function stateCell(name: IconName, words: string): Shape {
  return shape(
    'td',
    { key: 'state' },
    shape(
      'span',
      { key: 'state', class: 'cyg-State' },
      icon(name),
      shape('span', { key: 'words' }, words)
    )
  );
}

function tasksCell(tasks: StageTasks | Tasks, state: string): Shape {
  const rest = exceptions(tasks);
  const share = tasks.total === 0 ? 0 : (100 * tasks.succeeded) / tasks.total;
  return shape(
    'td',
    { key: 'tasks', title: tasksDone(tasks) },
    shape(
      'span',
      {
        key: 'bar',
        class: 'cyg-Bar cyg-Bar-small',
        'data-state': state,
        'aria-hidden': 'true'
      },
      shape('span', { key: 'done', class: 'cyg-Bar-done', style: `width: ${share}%` })
    ),
    shape(
      'span',
      { key: 'counts', class: 'cyg-Counts' },
      `${whole(tasks.succeeded)} of ${whole(tasks.total)}`,
      rest !== '' && shape('span', { key: 'rest', class: 'cyg-Dim' }, rest)
    )
  );
}

function timeCell(started: number | null, ended: number | null, now: number): Shape {
  const text =
    started === null ? '–' : duration((ended ?? now) - started, ended !== null);
  return shape('td', { key: 'time', class: 'cyg-Time' }, text);
}
