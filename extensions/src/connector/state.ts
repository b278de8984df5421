/** The connector's state, as `docs/reference/wire.md` defines it. */

import {
  atMost,
  count,
  fields,
  flag,
  list,
  maybe,
  oneOf,
  type Reader,
  text,
  WireError
} from '../wire.js';

/** The comm id (and target name) of the connector's channel. */
export const CONNECTOR_CHANNEL = 'cygnet-spark-connector';

const PHASES = [
  'disconnected',
  'connecting',
  'connected',
  'failed',
  'foreign'
] as const;
const LOCKS = ['open', 'closed', 'unverifiable'] as const;
const LEVELS = ['info', 'warning', 'error'] as const;

/** How far the connector is; `foreign` is a session that it did not make. */
export type Phase = (typeof PHASES)[number];

/** Whether the running session was found to be protected. */
export type LockState = (typeof LOCKS)[number];

/** One bundle that may be chosen. */
export interface BundleChoice {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly owner: string;
  readonly cluster: string | null;
  readonly is_default: boolean;
}

/** The session that runs now. */
export interface Session {
  readonly application_id: string;
  readonly name: string;
  readonly master: string;
  readonly spark_version: string;
  readonly started_ms: number;
}

/** One setting as it was asked for and as the session really has it. */
export interface Setting {
  readonly key: string;
  readonly expected: string | null;
  readonly effective: string | null;
}

/** How one executor is protected. */
export interface ExecutorLock {
  readonly id: string;
  readonly state: LockState;
}

/** What is known about the session's protection. */
export interface Lock {
  readonly state: LockState;
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  readonly settings: readonly Setting[];
  readonly executors: readonly ExecutorLock[];
}

/** Something that keeps the connector from making a session. */
export interface Problem {
  readonly place: string;
  readonly key: string | null;
  readonly reason: string;
  readonly remedy: string;
}

/** One line of the connector's log. */
export interface LogLine {
  readonly at_ms: number;
  readonly level: (typeof LEVELS)[number];
  readonly text: string;
}

/** Everything that the panel shows. */
export interface ConnectorState {
  readonly seq: number;
  readonly phase: Phase;
  readonly catalog: readonly BundleChoice[];
  readonly chosen: readonly string[];
  readonly session: Session | null;
  readonly lock: Lock;
  readonly problems: readonly Problem[];
  readonly log: readonly LogLine[];
  /** What Python workers printed last, oldest first; earlier kernels do not send them. */
  readonly printed: readonly string[] | null;
}

const state: Reader<ConnectorState> = fields({
  seq: count,
  phase: oneOf(PHASES),
  catalog: list(
    fields<BundleChoice>({
      name: text,
      title: text,
      description: text,
      owner: text,
      cluster: maybe(text),
      is_default: flag
    })
  ),
  chosen: list(text),
  session: maybe(
    fields<Session>({
      application_id: text,
      name: text,
      master: text,
      spark_version: text,
      started_ms: count
    })
  ),
  lock: fields<Lock>({
    state: oneOf(LOCKS),
    reasons: list(text),
    notes: atMost(50, text),
    settings: list(
      fields<Setting>({ key: text, expected: maybe(text), effective: maybe(text) })
    ),
    executors: atMost(100, fields<ExecutorLock>({ id: text, state: oneOf(LOCKS) }))
  }),
  problems: list(
    fields<Problem>({ place: text, key: maybe(text), reason: text, remedy: text })
  ),
  log: atMost(200, fields<LogLine>({ at_ms: count, level: oneOf(LEVELS), text: text })),
  printed: maybe(atMost(50, text))
});

/**
 * Read a connector's state.
 *
 * @throws WireError if it is not what `docs/reference/wire.md` says.
 */
export function readState(value: unknown): ConnectorState {
  const { version } = fields<{ version: number }>({ version: count })(value, 'state');
  if (version !== 1) {
    throw new WireError('version', `1, not ${version}`);
  }
  return state(value, 'state');
}

/**
 * Read a message of the connector's channel.
 *
 * @returns `null` for a type that this page does not know.
 * @throws WireError if it is not what `docs/reference/wire.md` says.
 */
export function readConnectorMessage(value: unknown): ConnectorState | null {
  const message = fields<{ type: string }>({ type: text })(value, 'message');
  if (message.type !== 'state') {
    return null;
  }
  return readState((value as Record<string, unknown>).state);
}
