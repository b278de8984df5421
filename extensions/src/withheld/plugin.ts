/**
 * Lets files of other people load nothing from elsewhere while one is open.
 *
 * What JupyterLab does not trust runs no script, but its pictures and diagrams load from
 * any host, and a diagram also reads with the reader's login. Nothing here knows which
 * file is rendered, so it holds for all that is untrusted as long as a file of a share
 * is open, and for nothing else. Seen in JupyterLab 4.6.
 */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISanitizer } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { IMermaidManager } from '@jupyterlab/mermaid';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { Foreign, IForeign } from './foreign.js';
import { isBelow, withhold } from './markup.js';

/** The types whose renderers load what the data name. */
const LOADING_TYPES = /vega|plotly|bokeh|geo\+json/;

const WORDS =
  "This diagram is not drawn, as the file is another person's, and a diagram may load " +
  'from elsewhere. Make a copy of your own to see it.';

type IsWithheld = () => boolean;

/** Tells whether a file of another person's is open. */
export function isSharedOpen(shell: JupyterFrontEnd.IShell, foreign: Foreign): boolean {
  for (const widget of shell.widgets('main')) {
    const { context } = widget as { context?: { path?: unknown } };
    if (foreign.has(context?.path)) {
      return true;
    }
  }
  return false;
}

/** Lets a sanitizer take away what loads. */
function guardSanitizer(
  sanitizer: IRenderMime.ISanitizer,
  isWithheld: IsWithheld
): void {
  const sanitize = sanitizer.sanitize.bind(sanitizer);
  sanitizer.sanitize = (dirty, options) => {
    const clean = sanitize(dirty, options);
    const page = document.location.href;
    return isWithheld()
      ? withhold(clean, isBelow(page, PageConfig.getBaseUrl()))
      : clean;
  };
}

/** Lets the renderers of a factory draw nothing untrusted, in cells and as files. */
export function guardRenderers(
  factory: {
    -readonly [key in keyof IRenderMime.IRendererFactory]: IRenderMime.IRendererFactory[key];
  },
  isWithheld: IsWithheld
): void {
  const create = factory.createRenderer.bind(factory);
  factory.createRenderer = options => {
    const renderer = create(options);
    const render = renderer.renderModel.bind(renderer);
    renderer.renderModel = async model => {
      if (model.trusted || !isWithheld()) {
        return render(model);
      }
      renderer.node.textContent = WORDS;
    };
    return renderer;
  };
}

/** Lets diagrams in Markdown, which are never trusted, be text. */
function guardMermaid(manager: IMermaidManager, isWithheld: IsWithheld): void {
  const render = manager.renderFigure.bind(manager);
  manager.renderFigure = async text => {
    if (!isWithheld()) {
      return render(text);
    }
    const figure = document.createElement('figure');
    figure.textContent = WORDS;
    return figure;
  };
}

/** Opens pages of other people as text: JupyterLab's viewer loads all that they name. */
function guardPages(registry: DocumentRegistry, foreign: Foreign): void {
  const viewer = registry.getWidgetFactory('HTML Viewer');
  const editor = registry.getWidgetFactory('Editor');
  if (viewer === undefined || editor === undefined) {
    return;
  }
  const create = viewer.createNew.bind(viewer);
  viewer.createNew = (context, source) =>
    foreign.has(context.path)
      ? editor.createNew(context, source)
      : create(context, source);
}

/** The plugin. */
export const withheld: JupyterFrontEndPlugin<Foreign> = {
  id: '@cygnet/lab:withheld',
  description: "Lets other people's files load nothing from elsewhere.",
  autoStart: true,
  provides: IForeign,
  requires: [ISanitizer, IRenderMimeRegistry],
  optional: [IMermaidManager],
  activate: (
    app: JupyterFrontEnd,
    sanitizer: IRenderMime.ISanitizer,
    registry: IRenderMimeRegistry,
    mermaid: IMermaidManager | null
  ) => {
    const { baseUrl } = app.serviceManager.serverSettings;
    const foreign = new Foreign(window.localStorage, baseUrl);
    const isWithheld = () => isSharedOpen(app.shell, foreign);
    guardSanitizer(sanitizer, isWithheld);
    if (mermaid !== null) {
      guardMermaid(mermaid, isWithheld);
    }
    // What other extensions bring is there when all have started.
    void app.started.then(() => {
      const factories = registry.mimeTypes
        .filter(type => LOADING_TYPES.test(type))
        .map(type => registry.getFactory(type));
      for (const factory of new Set(factories)) {
        if (factory !== undefined) {
          guardRenderers(factory, isWithheld);
        }
      }
      guardPages(app.docRegistry, foreign);
    });
    return foreign;
  }
};
