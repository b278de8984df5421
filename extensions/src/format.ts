/** Numbers and states as people read them. */

import type { Job, Jobs, Stages, StageTasks, Tasks } from './frame.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * A time span: tenths below ten seconds when `isFinal`, whole seconds otherwise.
 *
 * A running clock that showed tenths would never be calm.
 */
export function duration(milliseconds: number, isFinal = true): string {
  const span = Math.max(0, milliseconds);
  if (span < 10 * SECOND && isFinal) {
    return `${(Math.floor(span / 100) / 10).toFixed(1)} s`;
  }
  if (span < MINUTE) {
    return `${Math.floor(span / SECOND)} s`;
  }
  if (span < HOUR) {
    return `${Math.floor(span / MINUTE)} min ${two(span % MINUTE, SECOND)} s`;
  }
  return `${Math.floor(span / HOUR)} h ${two(span % HOUR, MINUTE)} min`;
}

/** A number with a thin space between thousands: 336 776. */
export function whole(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

/** "1 job", "3 jobs". */
export function plural(value: number, noun: string): string {
  return `${whole(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** "2 of 3 jobs". */
export function ofTotal(done: number, total: number, noun: string): string {
  return `${whole(done)} of ${plural(total, noun)}`;
}

/** How many jobs have ended, in words. */
export function jobsDone(jobs: Jobs): string {
  return ofTotal(jobs.total - jobs.active, jobs.total, 'job');
}

/** How many stages have ended, in words; skipped ones are not counted. */
export function stagesDone(stages: Stages): string {
  const total = stages.total - stages.skipped;
  return ofTotal(stages.succeeded + stages.failed, total, 'stage');
}

/** The counts that are not zero: "2 active, 1 failed, 4 skipped". */
export function exceptions(tasks: StageTasks | Tasks): string {
  const skipped = 'skipped' in tasks ? tasks.skipped : 0;
  const parts: readonly (readonly [number, string])[] = [
    [tasks.active, 'active'],
    [tasks.failed, 'failed'],
    [tasks.killed, 'killed'],
    [skipped, 'skipped']
  ];
  return parts
    .filter(([value]) => value > 0)
    .map(([value, word]) => `${whole(value)} ${word}`)
    .join(', ');
}

/** "59 of 210 tasks (2 active, 1 failed)". */
export function tasksDone(tasks: StageTasks | Tasks): string {
  const rest = exceptions(tasks);
  const done = ofTotal(tasks.succeeded, tasks.total, 'task');
  return rest === '' ? done : `${done} (${rest})`;
}

/** What to call a job: its name is the first line of its description. */
export function jobTitle(job: Job): string {
  const line = job.name.trim().split('\n', 1)[0] ?? '';
  return line === '' ? 'Unnamed job' : line;
}

/** The time of day, for a log. */
export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour12: false });
}

function two(rest: number, unit: number): string {
  return String(Math.floor(rest / unit)).padStart(2, '0');
}
