/** The bar as a widget between a document's toolbar and its content. */

import { Widget } from '@lumino/widgets';

import { render } from '../dom.js';
import { type BarActions, type BarShown, barView } from './barview.js';

/** Draws the bar, and is as high as its lines need. */
export class Bar extends Widget {
  private readonly body: HTMLElement;
  private readonly observer: ResizeObserver;

  /** @param actions What the user can do in it. */
  constructor(private readonly actions: BarActions) {
    super();
    this.addClass('cyg-BarHost');
    this.body = document.createElement('section');
    this.body.className = 'cyg-DocumentBar';
    this.body.setAttribute('aria-label', 'Sharing of this file');
    this.node.append(this.body);
    // A box layout asks for a least height and knows nothing of text that wraps.
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.body);
  }

  /** Show the lines that there are; none for `null`. */
  present(shown: BarShown | null): void {
    const lines = shown === null ? [] : barView(shown, this.actions);
    const active = document.activeElement;
    const hadFocus = active !== null && this.body.contains(active);
    this.body.hidden = lines.length === 0;
    render(this.body, ...lines);
    if (hadFocus && !this.body.contains(document.activeElement)) {
      this.body.querySelector('button')?.focus();
    }
    this.measure();
  }

  override dispose(): void {
    this.observer.disconnect();
    super.dispose();
  }

  private measure(): void {
    const height = `${this.body.hidden ? 0 : this.body.offsetHeight}px`;
    if (this.node.style.minHeight !== height) {
      this.node.style.minHeight = height;
      this.parent?.fit();
    }
  }
}
