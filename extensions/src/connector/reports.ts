/** What the connector tells: its log, and the problems that stopped it. */

import { type Part, type Shape, shape } from '../dom.js';
import { timeOfDay } from '../format.js';
import { icon } from '../icons.js';
import type { ConnectorState, LogLine, Problem } from './state.js';

/** All problems, each with what to do about it. */
export function problemList(problems: readonly Problem[]): Part {
  if (problems.length === 0) {
    return null;
  }
  const items = problems.map((problem, index) => problemItem(problem, index));
  const title = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return shape(
    'section',
    { key: 'problems', class: 'cyg-Problems', 'aria-label': 'Problems' },
    shape('h3', { key: 'title' }, title),
    shape('ul', { key: 'list' }, ...items)
  );
}

function problemItem({ place, key, reason, remedy }: Problem, index: number): Shape {
  return shape(
    'li',
    { key: `problem-${index}` },
    shape(
      'span',
      { key: 'place', class: 'cyg-Problem-place' },
      icon('warning'),
      shape('span', { key: 'where' }, key === null ? place : `${place}: ${key}`)
    ),
    shape('span', { key: 'reason' }, reason),
    shape('span', { key: 'remedy', class: 'cyg-Dim' }, remedy)
  );
}

/** The log: open while a connection is made, else behind a button. */
export function logView(
  state: ConnectorState,
  opened: ReadonlySet<string>,
  toggle: (part: string) => void
): Part {
  if (state.phase === 'connecting') {
    return logLines(state.log);
  }
  if (state.log.length === 0) {
    return null;
  }
  const lines = (): Shape => logLines(state.log);
  return foldable('log', 'Log', opened.has('log'), toggle, lines);
}

/** What Python workers on this machine printed last, behind a button. */
export function printedView(
  { printed }: ConnectorState,
  opened: ReadonlySet<string>,
  toggle: (part: string) => void
): Part {
  if (printed === null || printed.length === 0) {
    return null;
  }
  const lines = (): Shape =>
    shape(
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
        shape(
          'div',
          { key: `printed-${index}`, class: 'cyg-Log-line' },
          shape('span', { key: 'text', class: 'cyg-Log-text' }, text)
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

function logLines(log: readonly LogLine[]): Shape {
  const lines = log.map(({ at_ms, level, text }, index) =>
    shape(
      'div',
      { key: `${at_ms}-${index}`, class: `cyg-Log-line cyg-Log-${level}` },
      shape('span', { key: 'time', class: 'cyg-Dim' }, timeOfDay(at_ms)),
      level !== 'info' && icon(level === 'error' ? 'failed' : 'warning'),
      level !== 'info' && shape('span', { key: 'level', class: 'cyg-Hidden' }, level),
      shape('span', { key: 'text', class: 'cyg-Log-text' }, text)
    )
  );
  return shape(
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

/** A heading that opens and closes what stands below it. */
export function foldable(
  name: string,
  title: string,
  isOpen: boolean,
  toggle: (part: string) => void,
  content: () => Shape
): Shape {
  return shape(
    'div',
    { key: `fold-${name}`, class: 'cyg-Fold' },
    shape(
      'button',
      {
        key: 'button',
        type: 'button',
        class: 'cyg-Disclosure cyg-Fold-button',
        'aria-expanded': String(isOpen),
        onclick: () => toggle(name)
      },
      icon('chevron'),
      shape('span', { key: 'title' }, title)
    ),
    isOpen && content()
  );
}
