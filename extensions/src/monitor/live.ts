/** The live panels below the outputs of one cell, for as long as work runs. */

import { Widget } from '@lumino/widgets';
import { keyOf, type Work } from './work.js';
import { type Stop, WorkPanel } from './workpanel.js';

/** The panels of one cell; a cell that ran two sessions has two. */
export class LivePanels extends Widget {
  private readonly panels = new Map<string, WorkPanel>();
  private readonly place: HTMLElement;

  constructor() {
    super();
    this.addClass('cyg-Live');
    // An empty prompt keeps the panel in line with the outputs above it.
    const prompt = document.createElement('div');
    prompt.className = 'cyg-Live-prompt';
    this.place = document.createElement('div');
    this.place.className = 'cyg-Live-works';
    this.node.append(prompt, this.place);
  }

  /** Show exactly these works, in this order. */
  present(works: readonly Work[], stop: Stop): void {
    const wanted = new Set(works.map(keyOf));
    for (const [key, panel] of this.panels) {
      if (!wanted.has(key)) {
        panel.node.remove();
        this.panels.delete(key);
      }
    }
    for (const work of works) {
      const panel = this.panels.get(keyOf(work)) ?? this.make(keyOf(work));
      panel.show(work, stop);
    }
  }

  private make(key: string): WorkPanel {
    const panel = new WorkPanel(document, 'Spark jobs of this cell');
    this.panels.set(key, panel);
    this.place.append(panel.node);
    return panel;
  }
}
