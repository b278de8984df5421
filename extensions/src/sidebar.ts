/** The Spark panel in the left sidebar: it follows the notebook that is in front. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';

import { connectorView } from './connector/connectorview.js';
import type { ConnectorActions } from './connector/model.js';
import type { NotebookController } from './controller.js';
import { h, type Part, render } from './dom.js';
import { plural } from './format.js';
import { SPARK_SVG } from './icons.js';
import type { Work } from './monitor/work.js';
import { WorkList } from './monitor/worklist.js';
import { Throttle } from './throttle.js';

/** The mark of everything about Spark. */
export const sparkIcon = new LabIcon({ name: 'cygnet:spark', svgstr: SPARK_SVG });

/** Connect and disconnect, and see the work that belongs to no cell. */
export class SparkSidebar extends Widget {
  private notebook: NotebookController | null = null;
  private readonly main: HTMLElement;
  private readonly other: HTMLElement;
  private readonly works: WorkList;
  private readonly throttle = new Throttle(100, () => this.redraw());

  constructor() {
    super();
    this.id = 'cygnet-spark';
    this.addClass('cyg-Sidebar');
    this.title.icon = sparkIcon;
    this.title.caption = 'Spark';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Spark');
    this.main = document.createElement('div');
    this.other = document.createElement('section');
    this.other.className = 'cyg-Others';
    this.other.setAttribute('aria-label', 'Other Spark work');
    const title = document.createElement('h3');
    title.textContent = 'Other Spark work';
    const note = document.createElement('p');
    note.className = 'cyg-Note';
    note.textContent = 'Jobs of this kernel outside this notebook’s cells.';
    this.other.append(title, note);
    this.works = new WorkList(this.other, 'Spark jobs of no cell');
    this.node.append(this.main, this.other);
    this.redraw();
  }

  /** Show `notebook` as it is now, or that none is open. */
  follow(notebook: NotebookController | null): void {
    this.notebook = notebook;
    // A hidden panel costs nothing; it is drawn when it is opened.
    if (this.isVisible) {
      this.throttle.request();
    }
  }

  override dispose(): void {
    this.throttle.stop();
    super.dispose();
  }

  protected override onBeforeShow(): void {
    this.notebook?.connector.refresh();
    this.redraw();
  }

  private redraw(): void {
    // A log that was read to its end goes on showing its end; one that the user has
    // scrolled back stays where it is.
    const log = this.main.querySelector('[role=log]');
    const wasAtEnd =
      log === null || log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    render(this.main, h('h2', { key: 'title' }, 'Spark'), ...this.body());
    const newLog = this.main.querySelector('[role=log]');
    if (wasAtEnd && newLog !== null) {
      newLog.scrollTop = newLog.scrollHeight;
    }
    this.showOthers(this.notebook?.monitor.others ?? []);
  }

  private body(): readonly Part[] {
    const notebook = this.notebook;
    if (notebook === null) {
      return [hint('Open a notebook to connect it to Spark.')];
    }
    const name = h('p', { key: 'name', class: 'cyg-NotebookName' }, notebook.name);
    const shown = notebook.connector.shown;
    return shown === null
      ? [name, ...withoutState(notebook)]
      : [name, ...connectorView(shown, this.actions(notebook))];
  }

  private actions(notebook: NotebookController): ConnectorActions {
    const { connector } = notebook;
    const then =
      <T extends unknown[]>(act: (...values: T) => void) =>
      (...values: T): void => {
        act(...values);
        this.redraw();
      };
    return {
      pick: then(bundle => connector.pick(bundle)),
      toggle: then(part => connector.toggle(part)),
      connect: then(() => connector.connect()),
      cancel: then(() => connector.end('cancel')),
      disconnect: () => {
        void mayDisconnect(notebook.monitor.running).then(may => {
          if (may) {
            connector.end('disconnect');
            this.redraw();
          }
        });
      }
    };
  }

  private showOthers(others: readonly Work[]): void {
    this.other.hidden = others.length === 0;
    this.works.show(others, this.notebook?.monitor.stop);
  }
}

function hint(text: string): Part {
  return h('p', { key: 'hint', class: 'cyg-Note' }, text);
}

function withoutState(notebook: NotebookController): readonly Part[] {
  const kernel = notebook.panel.sessionContext.session?.kernel;
  if (!kernel) {
    return [hint('This notebook has no kernel. Choose one to connect it to Spark.')];
  }
  // "Not loaded" is shown only when the kernel has answered: after a reload that may
  // take until the running cell has ended.
  if (notebook.hasConnector !== false) {
    return [hint('Waiting for the kernel…')];
  }
  return [
    hint(
      'Spark is not loaded in this kernel. Choose the kernel “Python (Cygnet)”, or run'
    ),
    h('pre', { key: 'code', class: 'cyg-Code' }, '%load_ext spark_connector')
  ];
}

async function mayDisconnect(running: number): Promise<boolean> {
  if (running === 0) {
    return true;
  }
  const result = await showDialog({
    title: 'Disconnect from Spark?',
    body: `${plural(running, 'job')} still running will be stopped.`,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: 'Disconnect' })]
  });
  return result.button.accept;
}
