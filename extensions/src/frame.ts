/**
 * The kernel's messages about Spark, as `docs/reference/wire.md` defines it.
 *
 * Everything that comes over the wire or out of a notebook file is read here,
 * field by field; a `Frame` or a `Saved` needs no further check.
 */

import {
  atMost,
  count,
  fields,
  list,
  maybe,
  oneOf,
  type Reader,
  text,
  WireError
} from './wire.js';

/** The type of the output that the kernel saves in the notebook. */
export const MIME_TYPE = 'application/vnd.cygnet.spark+json';

/** What the metadata of that output is tagged with, for exports that leave it out. */
export const TAG = 'spark-panel';

/** The comm id (and target name) of the monitor's channel. */
export const MONITOR_CHANNEL = 'cygnet-spark-monitor';

const WORK_STATES = ['running', 'succeeded', 'failed', 'stopped'] as const;
const STAGE_STATES = ['pending', 'active', 'succeeded', 'failed', 'skipped'] as const;
const APPLICATION_STATES = ['running', 'stopped', 'lost'] as const;

/** The state of a cell's or a job's work. */
export type WorkState = (typeof WORK_STATES)[number];

/** The state of a stage. */
export type StageState = (typeof STAGE_STATES)[number];

/** One Spark application: the life of one `SparkContext`. */
export interface Application {
  readonly id: string;
  readonly name: string;
  readonly master: string;
  readonly spark_version: string;
  readonly started_ms: number;
  readonly state: (typeof APPLICATION_STATES)[number];
}

/** What the application has to work with. */
export interface Executors {
  readonly count: number;
  readonly cores: number;
  readonly tasks_active: number;
  /** How many executors Spark asks for; outputs of earlier versions do not have it. */
  readonly wanted: number | null;
  /** Why there are fewer than wanted. */
  readonly trouble: string | null;
}

/** Counts of a stage's tasks. */
export interface StageTasks {
  readonly total: number;
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly killed: number;
}

/** Counts of a job's or a cell's tasks; `total` leaves out the skipped ones. */
export interface Tasks extends StageTasks {
  readonly skipped: number;
}

/** Counts of a cell's jobs. */
export interface Jobs {
  readonly total: number;
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly stopped: number;
}

/** Counts of a job's or a cell's stages. */
export interface Stages {
  readonly total: number;
  readonly pending: number;
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One attempt of one stage. */
export interface Stage {
  readonly stage_id: number;
  readonly attempt: number;
  readonly name: string;
  readonly state: StageState;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly tasks: StageTasks;
}

/** One Spark job. */
export interface Job {
  readonly job_id: number;
  readonly name: string;
  readonly state: WorkState;
  readonly started_ms: number;
  readonly ended_ms: number | null;
  readonly stages: Stages;
  readonly tasks: Tasks;
  readonly error: string | null;
  readonly stage_list: readonly Stage[];
  readonly stages_omitted: number;
}

/** All the work that one execution of one cell submitted. */
export interface Cell {
  readonly cell_id: string | null;
  readonly execution_id: string | null;
  readonly state: WorkState;
  readonly started_ms: number;
  readonly ended_ms: number | null;
  readonly jobs: Jobs;
  readonly stages: Stages;
  readonly tasks: Tasks;
  readonly job_list: readonly Job[];
  readonly jobs_omitted: number;
}

/** Everything that Spark does for one application at one moment. */
export interface Frame {
  readonly seq: number;
  readonly at_ms: number;
  readonly application: Application;
  readonly executors: Executors;
  readonly cells: readonly Cell[];
  readonly cells_omitted: number;
}

/** The final state of a cell as it is saved in the notebook. */
export interface Saved {
  readonly application: Application;
  readonly executors: Executors;
  readonly cell: Cell;
  readonly saved_ms: number;
}

/** The announcement of an output that the kernel has published. */
export interface Summary {
  readonly cell_id: string | null;
  readonly execution_id: string | null;
  readonly application_id: string;
  readonly display_id: string;
  readonly bundle: Readonly<Record<string, unknown>>;
}

/** A message of the monitor's channel. */
export type MonitorMessage =
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'summary'; readonly summary: Summary };

const application: Reader<Application> = fields({
  id: text,
  name: text,
  master: text,
  spark_version: text,
  started_ms: count,
  state: oneOf(APPLICATION_STATES)
});

const executors: Reader<Executors> = fields({
  count: count,
  cores: count,
  tasks_active: count,
  wanted: maybe(count),
  trouble: maybe(text)
});

const stageTaskFields = {
  total: count,
  active: count,
  succeeded: count,
  failed: count,
  killed: count
};

const tasks: Reader<Tasks> = fields({ ...stageTaskFields, skipped: count });

const stages: Reader<Stages> = fields({
  total: count,
  pending: count,
  active: count,
  succeeded: count,
  failed: count,
  skipped: count
});

const stage: Reader<Stage> = fields({
  stage_id: count,
  attempt: count,
  name: text,
  state: oneOf(STAGE_STATES),
  started_ms: maybe(count),
  ended_ms: maybe(count),
  tasks: fields(stageTaskFields)
});

const job: Reader<Job> = fields({
  job_id: count,
  name: text,
  state: oneOf(WORK_STATES),
  started_ms: count,
  ended_ms: maybe(count),
  stages: stages,
  tasks: tasks,
  error: maybe(text),
  stage_list: list(stage),
  stages_omitted: count
});

const cell: Reader<Cell> = fields({
  cell_id: maybe(text),
  execution_id: maybe(text),
  state: oneOf(WORK_STATES),
  started_ms: count,
  ended_ms: maybe(count),
  jobs: fields({
    total: count,
    active: count,
    succeeded: count,
    failed: count,
    stopped: count
  }),
  stages: stages,
  tasks: tasks,
  job_list: list(job),
  jobs_omitted: count
});

const frame: Reader<Frame> = fields({
  seq: count,
  at_ms: count,
  application: application,
  executors: executors,
  cells: atMost(16, cell),
  cells_omitted: count
});

const saved: Reader<Saved> = fields({
  application: application,
  executors: executors,
  cell: cell,
  saved_ms: count
});

const summary: Reader<Summary> = fields({
  cell_id: maybe(text),
  execution_id: maybe(text),
  application_id: text,
  display_id: text,
  bundle: (value, where) => {
    const bundle = fields({})(value, where) && (value as Record<string, unknown>);
    readSaved(bundle[MIME_TYPE]);
    return bundle;
  }
});

/**
 * Read a frame.
 *
 * @throws WireError if it is not what `docs/reference/wire.md` says.
 */
export function readFrame(value: unknown): Frame {
  checkVersion(value);
  return frame(value, 'frame');
}

/**
 * Read the JSON of a saved output, which may come from any notebook.
 *
 * @throws WireError if it is not what `docs/reference/wire.md` says.
 */
export function readSaved(value: unknown): Saved {
  checkVersion(value);
  return saved(value, 'saved');
}

/**
 * Read a message of the monitor's channel.
 *
 * @returns `null` for a type that this page does not know.
 * @throws WireError if it is not what `docs/reference/wire.md` says.
 */
export function readMonitorMessage(value: unknown): MonitorMessage | null {
  const message = fields({ type: text })(value, 'message');
  const content = value as Record<string, unknown>;
  switch (message.type) {
    case 'frame':
      return { type: 'frame', frame: readFrame(content.frame) };
    case 'summary':
      checkVersion(content.summary);
      return { type: 'summary', summary: summary(content.summary, 'summary') };
    default:
      return null;
  }
}

function checkVersion(value: unknown): void {
  const { version } = fields({ version: count })(value, 'message');
  if (version !== 1) {
    throw new WireError('version', `1, not ${version}`);
  }
}
