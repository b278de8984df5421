/** The connector's part of the sidebar: what is offered, asked, and running. */

import { h, type Part, type VNode } from '../dom.js';
import { type IconName, icon } from '../icons.js';
import { bundleForm } from './bundles.js';
import type { ConnectorActions, ConnectorShown } from './model.js';
import { logView, printedView, problemList } from './reports.js';
import { lockView, sessionFacts } from './session.js';
import type { ConnectorState, Phase } from './state.js';

const PHASES: Readonly<Record<Phase, { words: string; icon: IconName }>> = {
  disconnected: { words: 'Not connected', icon: 'pending' },
  connecting: { words: 'Connecting…', icon: 'running' },
  connected: { words: 'Connected', icon: 'succeeded' },
  failed: { words: 'Could not connect', icon: 'failed' },
  foreign: { words: 'A session of your own', icon: 'succeeded' }
};

/** What to call a phase. */
export function phaseWords(phase: Phase): string {
  return PHASES[phase].words;
}

/** The panel of one notebook's connector. */
export function connectorView(
  shown: ConnectorShown,
  actions: ConnectorActions
): readonly Part[] {
  const { state } = shown;
  return [phaseLine(state.phase), ...body(shown, actions)];
}

function body(shown: ConnectorShown, actions: ConnectorActions): readonly Part[] {
  const { state, opened, isWaiting } = shown;
  const problems = problemList(state.problems);
  const log = logView(state, opened, actions.toggle);
  const printed = printedView(state, opened, actions.toggle);
  switch (state.phase) {
    case 'connecting':
      return [
        chosenLine(state),
        button('cancel', 'Cancel', actions.cancel, isWaiting),
        log,
        problems
      ];
    case 'connected':
      return [
        chosenLine(state),
        sessionFacts(state.session),
        lockView(state.lock, opened, actions.toggle),
        button('disconnect', 'Disconnect', actions.disconnect, isWaiting),
        problems,
        log,
        printed
      ];
    case 'foreign':
      return [
        note(
          'The connector did not start this session. It works as usual; the ' +
            'connector neither protects nor ends it.'
        ),
        sessionFacts(state.session),
        lockView(state.lock, opened, actions.toggle),
        problems,
        log
      ];
    case 'failed':
    case 'disconnected':
      return [problems, bundleForm(shown, actions), log, printed];
  }
}

function phaseLine(phase: Phase): VNode {
  const { words, icon: name } = PHASES[phase];
  return h(
    'p',
    { key: 'phase', class: 'cyg-Phase cyg-State' },
    icon(name),
    h('span', { key: 'words', role: 'status' }, words)
  );
}

function chosenLine({ catalog, chosen }: ConnectorState): Part {
  const titles = chosen.map(
    name => catalog.find(it => it.name === name)?.title ?? name
  );
  return titles.length === 0 ? null : note(titles.join(' + '));
}

function note(text: string): VNode {
  return h('p', { key: 'note', class: 'cyg-Note' }, text);
}

function button(
  key: string,
  label: string,
  onclick: () => void,
  disabled: boolean
): VNode {
  return h(
    'button',
    { key, type: 'button', class: 'cyg-Button cyg-Button-wide', disabled, onclick },
    label
  );
}
