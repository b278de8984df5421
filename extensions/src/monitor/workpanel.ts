/** The element that shows one execution, live or saved. */

import { render } from '../dom.js';
import { jobPart } from './table.js';
import { atRest, keyOf, type Work } from './work.js';
import { cellView, DETAILS } from './workview.js';

/**
 * What is open, by execution, so that a saved output takes over what the user
 * had opened in the live panel, and a cell that scrolls back keeps it.
 */
const openings = new Map<string, Set<string>>();

/** How many executions' openings are remembered. */
const LIMIT = 500;

let made = 0;

/** Asks the kernel to stop some work. */
export type Stop = (work: Work) => void;

/** An element with the panel of one execution. */
export class WorkPanel {
  /** The region that holds the panel. */
  readonly node: HTMLElement;
  private readonly id: string;
  private shown: Work | null = null;
  private stop: Stop | undefined;

  /**
   * @param document Where the element will live.
   * @param label The region's name.
   */
  constructor(document: Document, label: string) {
    made += 1;
    this.id = `cyg-${made}`;
    this.node = document.createElement('section');
    this.node.className = 'cyg-Work';
    this.node.setAttribute('aria-label', label);
  }

  /**
   * Show `work`, keeping the elements that stay.
   *
   * @param stop Stops it; absent where no kernel listens.
   */
  show(work: Work, stop?: Stop): void {
    this.shown = work;
    this.stop = stop;
    const parts = cellView(atRest(work), openedIn(keyOf(work)), this.id, {
      toggle: part => this.toggle(part),
      ...(stop === undefined ? {} : { stop: () => this.shown && stop(this.shown) })
    });
    render(this.node, ...parts);
  }

  private toggle(part: string): void {
    const work = this.shown;
    if (work === null) {
      return;
    }
    const opened = openedIn(keyOf(work));
    if (!opened.delete(part)) {
      opened.add(part);
      const [first] = work.cell.job_list;
      if (part === DETAILS && first !== undefined && work.cell.jobs.total === 1) {
        // A single job would only ask for a second click.
        opened.add(jobPart(first.job_id));
      }
    }
    this.show(work, this.stop);
  }
}

function openedIn(key: string): Set<string> {
  const opened = openings.get(key) ?? new Set();
  openings.delete(key);
  openings.set(key, opened);
  for (const oldest of openings.keys()) {
    if (openings.size <= LIMIT) {
      break;
    }
    openings.delete(oldest);
  }
  return opened;
}
