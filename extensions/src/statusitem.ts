/** Spark's item in JupyterLab's status bar. */

import { Widget } from '@lumino/widgets';
import { phaseWords } from './connector/connectorview.js';
import { lockWords } from './connector/session.js';
import type { ConnectorState } from './connector/state.js';
import { h, render } from './dom.js';
import { icon } from './icons.js';

/** A button with the connection of the notebook in front. */
export class SparkStatus extends Widget {
  /** @param open Opens the panel in the sidebar. */
  constructor(private readonly open: () => void) {
    super();
    this.addClass('cyg-Status');
  }

  /** Show `state`, or nothing where there is no connector. */
  present(state: ConnectorState | null): void {
    if (state === null) {
      render(this.node);
      return;
    }
    const { phase, lock } = state;
    const hasSession = phase === 'connected' || phase === 'foreign';
    const words = `Spark: ${phaseWords(phase).toLowerCase()}`;
    render(
      this.node,
      h(
        'button',
        {
          key: 'button',
          type: 'button',
          class: 'cyg-Status-button',
          title: hasSession ? lockWords(lock.state) : words,
          onclick: this.open
        },
        hasSession && icon(lock.state),
        hasSession &&
          h('span', { key: 'lock', class: 'cyg-Hidden' }, lockWords(lock.state)),
        h('span', { key: 'words' }, words)
      )
    );
  }
}
