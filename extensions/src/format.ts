/** Numbers and states as people read them. */

import type { Job, Jobs, Stages, StageTasks, Tasks } from './frame.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * A time span: exact below ten seconds when `isFinal`, in whole seconds otherwise.
 *
 * A running clock that showed tenths would never be calm.
 */
export function duration(milliseconds: number, isFinal = true): string {
  const span = Math.max(0, milliseconds);
  if (span < SECOND && isFinal) {
    return `${Math.floor(span)} ms`;
  }
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

/** How many jobs have succeeded: "2 of 3 jobs (1 failed)". */
export function jobsDone({ total, succeeded, failed, stopped }: Jobs): string {
  return withRest(ofTotal(succeeded, total, 'job'), [
    [failed, 'failed'],
    [stopped, 'stopped']
  ]);
}

/** How many stages have succeeded; the total leaves out skipped ones. */
export function stagesShort({ total, succeeded, skipped }: Stages): string {
  return ofTotal(succeeded, total - skipped, 'stage');
}

/** The same with what is out of the ordinary: "1 of 2 stages (1 failed)". */
export function stagesDone(stages: Stages): string {
  return withRest(stagesShort(stages), [
    [stages.failed, 'failed'],
    [stages.skipped, 'skipped']
  ]);
}

/** "59 of 210 tasks (2 active, 1 failed)". */
export function tasksDone(tasks: StageTasks | Tasks): string {
  return withRest(ofTotal(tasks.succeeded, tasks.total, 'task'), notable(tasks));
}

/** The counts of tasks that are not zero: "2 active, 1 failed, 4 skipped". */
export function exceptions(tasks: StageTasks | Tasks): string {
  return named(notable(tasks));
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

type Named = readonly (readonly [number, string])[];

function notable(tasks: StageTasks | Tasks): Named {
  return [
    [tasks.active, 'active'],
    [tasks.failed, 'failed'],
    [tasks.killed, 'killed'],
    ['skipped' in tasks ? tasks.skipped : 0, 'skipped']
  ];
}

function named(counts: Named): string {
  return counts
    .filter(([value]) => value > 0)
    .map(([value, word]) => `${whole(value)} ${word}`)
    .join(', ');
}

function withRest(text: string, counts: Named): string {
  const rest = named(counts);
  return rest === '' ? text : `${text} (${rest})`;
}

function two(rest: number, unit: number): string {
  return String(Math.floor(rest / unit)).padStart(2, '0');
}
