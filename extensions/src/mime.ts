/** Renders what Spark did in a cell, as saved in the notebook; needs no kernel. */

import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import { MIME_TYPE, readSaved } from './frame.js';
import { remember, savedPanels } from './monitor/saved.js';
import { fromSaved, keyOf } from './monitor/work.js';
import { WorkPanel } from './monitor/workpanel.js';

/** A saved output; the notebook may be from anywhere, so it is read as wire data. */
class SavedWork extends Widget implements IRenderMime.IRenderer {
  private readonly panel: WorkPanel;
  private key: string | null = null;

  constructor() {
    const panel = new WorkPanel(document, 'Spark jobs of this cell');
    super({ node: panel.node });
    this.panel = panel;
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.forget();
    try {
      const work = fromSaved(readSaved(model.data[MIME_TYPE]));
      this.key = keyOf(work);
      remember(this.key, this.panel);
      this.panel.show(work);
    } catch (error) {
      console.warn('Cygnet:', error);
      this.node.textContent = 'This output cannot be read: it is not a Spark summary.';
    }
  }

  override dispose(): void {
    this.forget();
    super.dispose();
  }

  private forget(): void {
    if (this.key !== null) {
      savedPanels.get(this.key)?.delete(this.panel);
      this.key = null;
    }
  }
}

const extension: IRenderMime.IExtension = {
  id: '@cygnet/lab:saved-work',
  description: 'Shows what Spark did in a cell',
  // Safe: every text is shown as text, so an untrusted notebook may be rendered.
  rendererFactory: {
    safe: true,
    mimeTypes: [MIME_TYPE],
    createRenderer: () => new SavedWork()
  },
  rank: 0,
  dataType: 'json'
};

export default extension;
