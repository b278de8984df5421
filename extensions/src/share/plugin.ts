/** Places what is shared in JupyterLab; what is shown is decided elsewhere. */

import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ToolbarButton } from '@jupyterlab/apputils';
import { PathExt, URLExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import { type Foreign, IForeign } from '../withheld/foreign.js';
import type { PlaceOf } from './act.js';
import type { SharingState } from './answer.js';
import { Documents } from './documents.js';
import { Follower } from './follower.js';
import { measure } from './measure.js';
import { SharedPanel, sharedIcon } from './panel.js';
import type { Desk } from './panelmodel.js';
import { ShareServer } from './server.js';
import { Understood } from './understood.js';

const SHARE = 'cygnet:share-folder';
const KEEP = 'cygnet:keep-versions';
const FOLDER = '.jp-DirListing-item[data-isdir="true"]';

function activate(
  app: JupyterFrontEnd,
  documents: IDocumentManager,
  browsers: IFileBrowserFactory,
  restorer: ILayoutRestorer | null,
  foreign: Foreign | null
): void {
  const settings = app.serviceManager.serverSettings;
  const root = URLExt.join(settings.baseUrl, 'cygnet/share/');
  const server = new ShareServer((path, init) =>
    ServerConnection.makeRequest(root + path, init, settings)
  );
  const follower = new Follower(server, visible, wait);
  const first = (_: Follower, state: SharingState): void => {
    follower.changed.disconnect(first);
    place(app, documents, browsers, restorer, { server, follower, state });
  };
  follower.changed.connect(first);
  follower.changed.connect((_, state) => {
    if (state.is_listed) {
      foreign?.learn(state.folders.filter(it => it.phase !== 'ended' && !it.is_copy));
    }
  });
  void follower.run();
}

/** What is there as soon as the server knows shares. */
interface Known {
  readonly server: ShareServer;
  readonly follower: Follower;
  readonly state: SharingState;
}

function place(
  app: JupyterFrontEnd,
  documents: IDocumentManager,
  browsers: IFileBrowserFactory,
  restorer: ILayoutRestorer | null,
  { server, follower, state }: Known
): void {
  const { contents, serverSettings } = app.serviceManager;
  const desk = deskOf(app, browsers);
  const panel = new SharedPanel(server, desk);
  app.shell.add(panel, 'left', { rank: 210, type: 'Shared' });
  restorer?.add(panel, panel.id);
  const share = (folder: PlaceOf | null): void => {
    app.shell.activateById(panel.id);
    // The user's home is no folder to share, as the panel says.
    if (folder !== null) {
      panel.model.share(folder);
    }
  };
  addCommands(app, browsers, panel, share);
  if (state.me?.several !== false) {
    addToolbarButton(app, share);
  }
  const tabs = (): Iterable<Widget> => app.shell.widgets('main');
  const open = new Documents(documents, tabs, {
    server,
    contents,
    understood: new Understood(window.localStorage, serverSettings.baseUrl),
    open: path => void documents.openOrReveal(path),
    trust: widget => {
      app.shell.activateById(widget.id);
      void app.commands.execute('notebook:trust');
    }
  });
  app.shell.currentChanged?.connect(() => open.refresh());
  const browser = browsers.tracker;
  const arrive = (): void => panel.model.arrive();
  browser.currentWidget?.model.pathChanged.connect(arrive);
  browser.widgetAdded.connect((_, it) => it.model.pathChanged.connect(arrive));
  const absorb = (_: Follower | null, it: SharingState): void => {
    panel.model.absorb(it);
    open.update(it);
  };
  follower.changed.connect(absorb);
  absorb(null, state);
  arrive();
}

function deskOf(app: JupyterFrontEnd, browsers: IFileBrowserFactory): Desk {
  const { contents } = app.serviceManager;
  return {
    go: path => void app.commands.execute('filebrowser:open-path', { path }),
    lead: path =>
      void app.commands.execute('filebrowser:open-path', {
        path,
        dontShowBrowser: true
      }),
    copy: text => navigator.clipboard.writeText(text),
    measure: path => measure(contents, path),
    folder: () => {
      const path = browsers.tracker.currentWidget?.model.path ?? '';
      return folderAt(contents.localPath(path));
    }
  };
}

function folderAt(path: string): PlaceOf | null {
  return path === '' ? null : { place: path, title: PathExt.basename(path) };
}

function addCommands(
  app: JupyterFrontEnd,
  browsers: IFileBrowserFactory,
  panel: SharedPanel,
  share: (folder: PlaceOf) => void
): void {
  const chosen = (): PlaceOf | null => {
    const found = [...(browsers.tracker.currentWidget?.selectedItems() ?? [])];
    const [first] = found.filter(it => it.type === 'directory');
    return first === undefined
      ? null
      : folderAt(app.serviceManager.contents.localPath(first.path));
  };
  const withChosen =
    (act: (folder: PlaceOf) => void): (() => void) =>
    () => {
      const folder = chosen();
      if (folder !== null) {
        act(folder);
      }
    };
  app.commands.addCommand(SHARE, {
    label: 'Share…',
    caption: 'Share this folder with other people',
    icon: sharedIcon,
    execute: withChosen(share)
  });
  app.commands.addCommand(KEEP, {
    label: 'Keep Versions',
    caption: 'Keep each saved state of this folder',
    execute: withChosen(folder => {
      app.shell.activateById(panel.id);
      panel.model.actions.act('here', { type: 'keep', ...folder });
    })
  });
  app.contextMenu.addItem({ command: SHARE, selector: FOLDER, rank: 8.8 });
  app.contextMenu.addItem({ command: KEEP, selector: FOLDER, rank: 8.9 });
}

/** A button “Share” in each notebook, for the folder that the notebook is in. */
function addToolbarButton(
  app: JupyterFrontEnd,
  share: (folder: PlaceOf | null) => void
): void {
  app.docRegistry.addWidgetExtension('Notebook', {
    createNew: (widget, context) => {
      const button = new ToolbarButton({
        icon: sharedIcon,
        label: 'Share',
        tooltip: 'Share the folder of this notebook',
        onClick: () => {
          share(folderAt(PathExt.dirname(context.localPath)));
        }
      });
      button.addClass('cyg-ShareButton');
      (widget as NotebookPanel).toolbar.insertBefore(
        'kernelName',
        'cygnetShare',
        button
      );
      return button;
    }
  });
}

/** Waits until the page is in front. */
async function visible(): Promise<void> {
  while (document.visibilityState === 'hidden') {
    await new Promise(resolve =>
      document.addEventListener('visibilitychange', resolve, { once: true })
    );
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

/** The panel “Shared”, its commands, and what stands above shared notebooks. */
export const share: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/lab:share',
  description: 'Shares folders, shows their versions, and keeps open files up to date',
  autoStart: true,
  requires: [IDocumentManager, IFileBrowserFactory],
  optional: [ILayoutRestorer, IForeign],
  activate
};
