/** The running session: its facts and whether it is protected. */

import { foldable, type Toggle } from '../disclosure.js';
import { h, type Part, type VNode } from '../dom.js';
import { timeOfDay } from '../format.js';
import { icon } from '../icons.js';
import type { ExecutorLock, Lock, LockState, Session, Setting } from './state.js';

const LOCK_WORDS: Readonly<Record<LockState, string>> = {
  closed: 'Protected: authenticated and encrypted',
  open: 'Not protected',
  unverifiable: 'Protection could not be verified'
};

/** The lock's state in a few words. */
export function lockWords(state: LockState): string {
  return LOCK_WORDS[state];
}

/** Name, place and age of the session. */
export function sessionFacts(session: Session | null): Part {
  if (session === null) {
    return null;
  }
  const facts: readonly (readonly [string, string])[] = [
    ['Application', session.name],
    ['Runs on', session.master],
    ['Spark', session.spark_version],
    ['Since', timeOfDay(session.started_ms)],
    ['Id', session.application_id]
  ];
  const rows = facts.flatMap(([term, value]) => [
    h('dt', { key: `term-${term}` }, term),
    h('dd', { key: `value-${term}` }, value)
  ]);
  return h('dl', { key: 'facts', class: 'cyg-SessionFacts' }, ...rows);
}

/** The lock, why it is not closed, what it does not see, and the settings that were read back. */
export function lockView(
  lock: Lock,
  opened: ReadonlySet<string>,
  toggle: Toggle
): VNode {
  const reasons = [...lock.reasons, ...lock.notes].map((reason, index) =>
    h('li', { key: `reason-${index}` }, reason)
  );
  return h(
    'section',
    { key: 'lock', class: 'cyg-Lock', 'aria-label': 'Protection' },
    h(
      'p',
      { key: 'state', class: 'cyg-State' },
      icon(lock.state),
      h('span', { key: 'words' }, LOCK_WORDS[lock.state])
    ),
    reasons.length > 0 && h('ul', { key: 'reasons', class: 'cyg-Reasons' }, ...reasons),
    lock.executors.length > 0 && executorList(lock.executors),
    lock.settings.length > 0 &&
      foldable(
        'settings',
        `Settings (${lock.settings.length})`,
        opened.has('settings'),
        toggle,
        () => settingList(lock.settings)
      )
  );
}

const EXECUTOR_WORDS: Readonly<Record<LockState, string>> = {
  closed: 'protected',
  open: 'not protected',
  unverifiable: 'has not reported yet'
};

/** Each executor with what it reported of itself. */
function executorList(executors: readonly ExecutorLock[]): VNode {
  const items = executors.map(({ id, state }) =>
    h(
      'li',
      { key: `executor-${id}`, class: 'cyg-State' },
      icon(state),
      h('span', { key: 'words' }, `Executor ${id}: ${EXECUTOR_WORDS[state]}`)
    )
  );
  return h(
    'ul',
    { key: 'executors', class: 'cyg-Executors', 'aria-label': 'Executors' },
    ...items
  );
}

function settingList(settings: readonly Setting[]): VNode {
  const rows = settings.flatMap(({ key, expected, effective }) => {
    const agrees = expected === effective;
    const asked = agrees ? '' : `, expected ${expected ?? 'nothing'}`;
    return [
      h('dt', { key: `term-${key}` }, key),
      h(
        'dd',
        { key: `value-${key}`, class: 'cyg-State' },
        icon(agrees ? 'succeeded' : 'warning'),
        h('span', { key: 'value' }, `${effective ?? 'not set'}${asked}`)
      )
    ];
  });
  return h('dl', { key: 'list', class: 'cyg-Settings' }, ...rows);
}
