/**
 * JupyterLab's page without JupyterLab, whose packages Node.js cannot load.
 *
 * Import this first, and what it prepares for by `await import`: the stand-ins of this
 * folder take the place of JupyterLab's packages from then on.
 */

import { registerHooks } from 'node:module';

import { JSDOM } from 'jsdom';

const STAND_INS: Readonly<Record<string, string>> = {
  '@jupyterlab/apputils': './apputils.js',
  '@jupyterlab/cells': './cells.js',
  '@jupyterlab/notebook': './notebook.js',
  '@jupyterlab/ui-components': './components.js'
};
const NAMES = [
  'document',
  'window',
  'Element',
  'Event',
  'HTMLElement',
  'MutationObserver',
  'Node'
] as const;

const { window } = new JSDOM('<!doctype html><body></body>', {
  pretendToBeVisual: true
});
for (const name of NAMES) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}
Object.assign(globalThis, {
  // Lumino's drag and drop extends it as it is loaded; jsdom (26) has none.
  DragEvent: class extends window.MouseEvent {},
  // Nothing has a size in jsdom, so nothing changes its size.
  ResizeObserver: class {
    observe(): void {}
    disconnect(): void {}
  },
  cancelAnimationFrame: window.cancelAnimationFrame.bind(window),
  requestAnimationFrame: window.requestAnimationFrame.bind(window)
});
registerHooks({
  resolve: (specifier, context, next) => {
    const own = STAND_INS[specifier];
    return own === undefined
      ? next(specifier, context)
      : { url: new URL(own, import.meta.url).href, shortCircuit: true };
  }
});
