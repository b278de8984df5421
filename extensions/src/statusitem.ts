/** The small word about Spark in JupyterLab's status bar. */

import { Widget } from '@lumino/widgets';

import { lockWords } from './connector/session.js';
import type { ConnectorState } from './connector/state.js';
import { phaseWords } from './connector/view.js';
import { draw, shape } from './dom.js';
import { icon } from './icons.js';

/** A button that says how the notebook in front is connected. */
export class SparkStatus extends Widget {
  /** @param open Opens the panel in the sidebar. */
  constructor(private readonly open: () => void) {
    super();
    this.addClass('cyg-Status');
  }

  /** Show `state`, or nothing where there is no connector. */
  present(state: ConnectorState | null): void {
    if (state === null) {
      draw(this.node);
      return;
    }
    const { phase, lock } = state;
    const hasSession = phase === 'connected' || phase === 'foreign';
    const words = `Spark: ${phaseWords(phase).toLowerCase()}`;
    draw(
      this.node,
      shape(
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
          shape('span', { key: 'lock', class: 'cyg-Hidden' }, lockWords(lock.state)),
        shape('span', { key: 'words' }, words)
      )
    );
  }
}
