/** The panel without JupyterLab around it. */

import assert from 'node:assert/strict';

import { h, render } from '../../src/dom.js';
import type { PlaceOf } from '../../src/share/act.js';
import type { SharingState } from '../../src/share/answer.js';
import { PanelModel } from '../../src/share/panelmodel.js';
import { panelView } from '../../src/share/panelview.js';
import { byName, only, textOf } from '../page.js';
import { NOW, StandIn, settled } from './stand.js';

/** The panel, and what a user does in it. */
export class Panel {
  readonly body = document.createElement('div');
  readonly gone: string[] = [];
  readonly copied: string[] = [];
  readonly model: PanelModel;

  constructor(
    shown: SharingState,
    readonly stand = new StandIn(),
    folderInFront: PlaceOf | null = null
  ) {
    const desk = {
      go: (place: string) => void this.gone.push(place),
      lead: (place: string) => void this.gone.push(place),
      copy: async (text: string) => void this.copied.push(text),
      measure: async () => '4 files, 1.0 MB',
      folder: () => folderInFront
    };
    document.body.append(this.body);
    this.model = new PanelModel(stand.server, desk, () => this.draw());
    this.model.absorb(shown);
  }

  get text(): string {
    return textOf(this.body);
  }

  async press(label: string, index = 0): Promise<void> {
    const found = byName(this.body, 'button', label)[index];
    assert.ok(found, `no button ${label} in ${this.text}`);
    found.click();
    await settled();
  }

  async type(label: string, value: string): Promise<void> {
    const field = only(this.body, 'input', label) as HTMLInputElement;
    field.value = value;
    field.dispatchEvent(new Event('input'));
    await settled();
  }

  private draw(): void {
    const shown = this.model.shownAt(NOW);
    assert.ok(shown);
    const view = { shown, actions: this.model.actions };
    render(this.body, h('h2', { key: 'title' }, 'Shared'), ...panelView(view));
    const focus = this.model.takeFocus();
    const all = this.body.querySelectorAll<HTMLElement>('[data-focus]');
    [...all].find(it => it.dataset['focus'] === focus)?.focus();
  }
}
