/** The live panels below the outputs of one cell, for as long as work runs. */

import { Widget } from '@lumino/widgets';

import type { Work } from './work.js';
import { WorkList } from './worklist.js';
import type { Stop } from './workpanel.js';

/** The panels of one cell; a cell that used two sessions has two. */
export class LivePanels extends Widget {
  private readonly works: WorkList;

  constructor() {
    super();
    this.addClass('cyg-Live');
    // An empty prompt keeps the panel in line with the outputs above it.
    const prompt = document.createElement('div');
    prompt.className = 'cyg-Live-prompt';
    const place = document.createElement('div');
    place.className = 'cyg-Live-works';
    this.node.append(prompt, place);
    this.works = new WorkList(place, 'Spark jobs of this cell');
  }

  /** Show exactly these works. */
  present(works: readonly Work[], stop: Stop): void {
    this.works.show(works, stop);
  }
}
