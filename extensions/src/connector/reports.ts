/** The connector's log, and the problems that stopped it. */

import { foldable, type Toggle } from '../disclosure.js';
import { h, type Part, type VNode } from '../dom.js';
import { plural, timeOfDay } from '../format.js';
import { icon } from '../icons.js';
import type { ConnectorState, LogLine, Problem } from './state.js';

/** All problems, each with what to do about it. */
export function problemList(problems: readonly Problem[]): Part {
  if (problems.length === 0) {
    return null;
  }
  const items = problems.map((problem, index) => problemItem(problem, index));
  return h(
    'section',
    { key: 'problems', class: 'cyg-Problems', 'aria-label': 'Problems' },
    h('h3', { key: 'title' }, plural(problems.length, 'problem')),
    h('ul', { key: 'list' }, ...items)
  );
}

function problemItem({ place, key, reason, remedy }: Problem, index: number): VNode {
  return h(
    'li',
    { key: `problem-${index}` },
    h(
      'span',
      { key: 'place', class: 'cyg-Problem-place' },
      icon('warning'),
      h('span', { key: 'where' }, key === null ? place : `${place}: ${key}`)
    ),
    h('span', { key: 'reason' }, reason),
    h('span', { key: 'remedy', class: 'cyg-Dim' }, remedy)
  );
}

/** The log: open while a connection is made, else behind a button. */
export function logView(
  state: ConnectorState,
  opened: ReadonlySet<string>,
  toggle: Toggle
): Part {
  if (state.phase === 'connecting') {
    return logLines(state.log);
  }
  if (state.log.length === 0) {
    return null;
  }
  const lines = (): VNode => logLines(state.log);
  return foldable('log', 'Log', opened.has('log'), toggle, lines);
}

/** What Python workers on this machine printed last, behind a button. */
export function printedView(
  { printed }: ConnectorState,
  opened: ReadonlySet<string>,
  toggle: Toggle
): Part {
  if (printed === null || printed.length === 0) {
    return null;
  }
  const lines = (): VNode =>
    h(
      'div',
      {
        key: 'printed',
        class: 'cyg-Log',
        role: 'log',
        'aria-live': 'off',
        'aria-label': 'Printed by Python workers',
        tabindex: 0
      },
      ...printed.map((text, index) =>
        h(
          'div',
          { key: `printed-${index}`, class: 'cyg-Log-line' },
          h('span', { key: 'text', class: 'cyg-Log-text' }, text)
        )
      )
    );
  return foldable(
    'printed',
    'Printed by workers',
    opened.has('printed'),
    toggle,
    lines
  );
}

function logLines(log: readonly LogLine[]): VNode {
  const lines = log.map(({ at_ms, level, text }, index) =>
    h(
      'div',
      { key: `${at_ms}-${index}`, class: `cyg-Log-line cyg-Log-${level}` },
      h('span', { key: 'time', class: 'cyg-Dim' }, timeOfDay(at_ms)),
      level !== 'info' && icon(level === 'error' ? 'failed' : 'warning'),
      level !== 'info' && h('span', { key: 'level', class: 'cyg-Hidden' }, level),
      h('span', { key: 'text', class: 'cyg-Log-text' }, text)
    )
  );
  return h(
    'div',
    {
      key: 'lines',
      class: 'cyg-Log',
      role: 'log',
      'aria-live': 'polite',
      'aria-label': 'Connection log',
      tabindex: 0
    },
    ...lines
  );
}
