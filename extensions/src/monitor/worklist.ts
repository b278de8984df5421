/** Panels for a list of works, in one element. */

import { keyOf, type Work } from './work.js';
import { type Stop, WorkPanel } from './workpanel.js';

/** One panel for each work, kept from one update to the next. */
export class WorkList {
  private readonly panels = new Map<string, WorkPanel>();

  /**
   * @param node The element to which panels are appended.
   * @param label The accessible name of each panel.
   */
  constructor(
    private readonly node: HTMLElement,
    private readonly label: string
  ) {}

  /**
   * Show exactly these works; new ones come last.
   *
   * @param stop Stops a work; absent where no kernel listens.
   */
  show(works: readonly Work[], stop?: Stop): void {
    const wanted = new Set(works.map(keyOf));
    for (const [key, panel] of this.panels) {
      if (!wanted.has(key)) {
        panel.node.remove();
        this.panels.delete(key);
      }
    }
    for (const work of works) {
      const panel = this.panels.get(keyOf(work)) ?? this.add(keyOf(work));
      panel.show(work, stop);
    }
  }

  private add(key: string): WorkPanel {
    const panel = new WorkPanel(this.node.ownerDocument, this.label);
    this.panels.set(key, panel);
    this.node.append(panel.node);
    return panel;
  }
}
