/** The panel “Shared” in the left sidebar. */

import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { h, render } from '../dom.js';
import { SHARED_SVG } from '../icons.js';
import { Throttle } from '../throttle.js';
import { type Desk, PanelModel } from './panelmodel.js';
import { panelView } from './panelview.js';
import type { ShareServer } from './server.js';

/** The mark of everything that is shared. */
export const sharedIcon = new LabIcon({ name: 'cygnet:shared', svgstr: SHARED_SVG });

/** Draws the model while it can be seen. */
export class SharedPanel extends Widget {
  /** What the panel shows, and what is done in it. */
  readonly model: PanelModel;
  private readonly throttle = new Throttle(100, () => this.redraw());

  /**
   * @param server Does what the user wants.
   * @param desk The page around the panel.
   */
  constructor(server: ShareServer, desk: Desk) {
    super();
    this.id = 'cygnet-shared';
    this.addClass('cyg-Sidebar');
    this.addClass('cyg-Shared');
    this.title.icon = sharedIcon;
    this.title.caption = 'Shared';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Shared');
    this.model = new PanelModel(server, desk, () => this.refresh());
    this.node.addEventListener('keydown', event => {
      const field = event.target;
      // There it closes the list of names, or empties the field.
      const isInText = field instanceof HTMLInputElement && field.value !== '';
      const isRadio = field instanceof HTMLInputElement && field.type === 'radio';
      if (event.key === 'Escape' && (!isInText || isRadio) && this.model.back()) {
        event.preventDefault();
        event.stopPropagation();
      }
    });
  }

  /** Draw soon, while it can be seen. */
  refresh(): void {
    if (this.isVisible) {
      this.throttle.request();
    }
  }

  override dispose(): void {
    this.throttle.stop();
    super.dispose();
  }

  protected override onBeforeShow(): void {
    this.redraw();
  }

  private redraw(): void {
    const shown = this.model.shownAt(Date.now());
    if (shown === null) {
      return;
    }
    const active = document.activeElement;
    const hadFocus = active !== null && this.node.contains(active);
    const view = { shown, actions: this.model.actions };
    render(this.node, h('h2', { key: 'title' }, 'Shared'), ...panelView(view));
    this.moveFocus(hadFocus);
  }

  /** Put the focus where the user goes on, also where its element has gone. */
  private moveFocus(hadFocus: boolean): void {
    const wanted = this.model.takeFocus();
    const found = wanted === null ? null : this.focusable(wanted);
    if (found !== null) {
      found.focus();
    } else if (hadFocus && !this.node.contains(document.activeElement)) {
      this.node.tabIndex = -1;
      this.node.focus();
    }
  }

  private focusable(name: string): HTMLElement | null {
    const all = this.node.querySelectorAll<HTMLElement>('[data-focus]');
    return [...all].find(it => it.dataset['focus'] === name) ?? null;
  }
}
