/** What a page knows of the work of one execution of one cell. */

import type {
  Application,
  Cell,
  Executors,
  Saved,
  StageTasks,
  WorkState
} from '../frame.js';

/**
 * What became of work whose end was not reported: it ended with its `kernel` or its
 * Spark `session`, or it is `unknown` because the notebook was saved meanwhile.
 */
export type EndedWith = 'none' | 'kernel' | 'session' | 'unknown';

const ENDED_WORDS: Readonly<Record<Exclude<EndedWith, 'none'>, string>> = {
  kernel: 'Ended with its kernel',
  session: 'Ended with its Spark session',
  unknown: 'Running when saved'
};

/** Everything that the view of one execution shows. */
export interface Work {
  readonly application: Application;
  readonly executors: Executors;
  readonly cell: Cell;
  /** The kernel's clock when this was true, in epoch milliseconds. */
  readonly at_ms: number;
  readonly endedWith: EndedWith;
  /** Whether the user has asked for a stop that no frame shows yet. */
  readonly isStopping: boolean;
  /** How long the kernel has been silent although work runs, in milliseconds. */
  readonly silent_ms: number;
}

/** What identifies the work of one execution. */
export function workKey(
  applicationId: string,
  cellId: string | null,
  executionId: string | null
): string {
  return JSON.stringify([applicationId, cellId, executionId]);
}

/** The key of `work`. */
export function keyOf(work: Pick<Work, 'application' | 'cell'>): string {
  const { cell_id, execution_id } = work.cell;
  return workKey(work.application.id, cell_id, execution_id);
}

/** The work of a saved output. */
export function fromSaved(saved: Saved): Work {
  const { application, executors, cell, saved_ms } = saved;
  const endedWith = cell.state === 'running' ? 'unknown' : 'none';
  const rest = { isStopping: false, silent_ms: 0 };
  return { application, executors, cell, at_ms: saved_ms, endedWith, ...rest };
}

/** Whether the work goes on as far as the page knows. */
export function isRunning(work: Pick<Work, 'cell' | 'endedWith'>): boolean {
  return work.cell.state === 'running' && work.endedWith === 'none';
}

/** The work with nothing active in it, where its end was not reported. */
export function atRest(work: Work): Work {
  if (work.endedWith === 'none') {
    return work;
  }
  const { cell } = work;
  const job_list = cell.job_list.map(job => ({
    ...quiet(job),
    stage_list: job.stage_list.map(quiet)
  }));
  return { ...work, cell: { ...quiet(cell), job_list } };
}

function quiet<T extends { readonly tasks: StageTasks }>(part: T): T {
  return { ...part, tasks: { ...part.tasks, active: 0 } };
}

/** How long the work has taken, in milliseconds. */
export function elapsed(work: Work): number {
  const { started_ms, ended_ms } = work.cell;
  return Math.max(0, (ended_ms ?? work.at_ms) - started_ms);
}

/** The state of work, in words. */
export function stateWords(
  state: WorkState,
  endedWith: EndedWith = 'none',
  isStopping = false
): string {
  if (state !== 'running') {
    return { succeeded: 'Succeeded', failed: 'Failed', stopped: 'Stopped' }[state];
  }
  if (endedWith !== 'none') {
    return ENDED_WORDS[endedWith];
  }
  return isStopping ? 'Stopping…' : 'Running';
}

/** The reason of the newest failure that is known, if there is one. */
export function failure(cell: Cell): string | null {
  const job = cell.job_list.find(it => it.state === 'failed' && it.error !== null);
  return job?.error ?? null;
}
