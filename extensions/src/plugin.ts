/** Places everything in JupyterLab; what is shown is decided elsewhere. */

import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';

import { NotebookController } from './controller.js';
import { SparkSidebar } from './sidebar.js';
import { SparkStatus } from './statusitem.js';

/** Keeps one `NotebookController` for each notebook that is open. */
class Notebooks {
  private readonly known = new Map<NotebookPanel, NotebookController>();

  /**
   * @param tracker The notebooks of this page.
   * @param changed Called with the notebook in front when it may have changed.
   */
  constructor(
    private readonly tracker: INotebookTracker,
    private readonly changed: (front: NotebookController | null) => void
  ) {
    tracker.widgetAdded.connect((_, panel) => {
      void panel.context.ready.then(() => this.add(panel));
    });
    tracker.currentChanged.connect(() => this.announce());
    // A reloaded page disposes nothing, and its subshells would stay in the kernels.
    window.addEventListener('pagehide', () => {
      for (const notebook of this.known.values()) {
        notebook.dispose();
      }
    });
  }

  private add(panel: NotebookPanel): void {
    if (panel.isDisposed) {
      return;
    }
    const notebook = new NotebookController(panel);
    this.known.set(panel, notebook);
    notebook.changed.connect(() => this.announce());
    panel.disposed.connect(() => {
      this.known.delete(panel);
      notebook.dispose();
      this.announce();
    });
    this.announce();
  }

  private announce(): void {
    const panel = this.tracker.currentWidget;
    this.changed((panel && this.known.get(panel)) ?? null);
  }
}

function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  restorer: ILayoutRestorer | null,
  statusBar: IStatusBar | null
): void {
  const sidebar = new SparkSidebar();
  const status = new SparkStatus(() => app.shell.activateById(sidebar.id));
  app.shell.add(sidebar, 'left', { rank: 200, type: 'Spark' });
  restorer?.add(sidebar, sidebar.id);
  statusBar?.registerStatusItem('@cygnet/lab:spark', {
    item: status,
    align: 'left',
    rank: 10
  });
  new Notebooks(tracker, front => {
    sidebar.follow(front);
    status.present(front?.connector.shown?.state ?? null);
  });
}

/** The panels under the cells, the panel in the sidebar, the item in the status bar. */
export const spark: JupyterFrontEndPlugin<void> = {
  id: '@cygnet/lab:spark',
  description: 'Connects notebooks to Spark and shows what it does',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILayoutRestorer, IStatusBar],
  activate
};
