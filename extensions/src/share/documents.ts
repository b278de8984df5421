/** All open files of folders that follow shares, and who may know of them. */

import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { UUID } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import type { SharingState } from './answer.js';
import { OpenDocument, type Page } from './opendocument.js';

/** How often the page says what is open, in milliseconds. */
const PRESENCE_MS = 20_000;

/** The most files that are reported as open. */
const MOST = 50;

/** Finds the open files, and gives each tab its bar. */
export class Documents {
  private readonly known = new Map<Widget, OpenDocument>();
  /** A file may be in several tabs, and is saved in one way. */
  private readonly files = new Map<object, OpenDocument>();
  private readonly awaited = new WeakSet<Widget>();
  private state: SharingState | null = null;
  private reported = '';
  /** Tells this page from others of the user. */
  private readonly name = UUID.uuid4();

  /**
   * @param manager Knows which file is in which tab.
   * @param tabs The tabs of the page.
   * @param page What an open file needs of the page.
   */
  constructor(
    private readonly manager: Pick<IDocumentManager, 'contextForWidget'>,
    private readonly tabs: () => Iterable<Widget>,
    private readonly page: Page
  ) {
    setInterval(() => this.report(), PRESENCE_MS);
  }

  /** Take how all folders stand. */
  update(state: SharingState): void {
    this.state = state;
    this.refresh();
  }

  /** Look at the tabs: some were opened, some moved to another folder. */
  refresh(): void {
    const { state } = this;
    if (state === null) {
      return;
    }
    for (const tab of this.tabs()) {
      this.look(tab, state);
    }
    const paths = this.open().join('\n');
    if (paths !== this.reported) {
      this.report();
    }
  }

  private look(tab: Widget, state: SharingState): void {
    const context = this.manager.contextForWidget(tab);
    if (context === undefined || !('contentHeader' in tab)) {
      return;
    }
    if (!context.isReady) {
      this.lookAgain(tab, context.ready);
      return;
    }
    const folder = state.folders.find(
      it =>
        it.phase !== 'ended' &&
        !it.is_copy &&
        context.localPath.startsWith(`${it.place}/`)
    );
    if (folder === undefined) {
      this.known.get(tab)?.leave(state);
      return;
    }
    const file = this.files.get(context);
    if (file === undefined) {
      const made = new OpenDocument(tab as MainAreaWidget, context, folder, this.page);
      this.files.set(context, made);
      this.add(tab as MainAreaWidget, context, made);
    } else if (this.known.has(tab)) {
      file.update(folder);
    } else {
      file.add(tab as MainAreaWidget);
      this.add(tab as MainAreaWidget, context, file);
    }
  }

  /** Know a tab until it is closed. */
  private add(tab: MainAreaWidget, context: object, file: OpenDocument): void {
    this.known.set(tab, file);
    tab.disposed.connect(() => {
      this.known.delete(tab);
      if (file.remove(tab)) {
        this.files.delete(context);
      }
      this.refresh();
    });
  }

  /** Look when a file has been loaded. */
  private lookAgain(tab: Widget, ready: Promise<void>): void {
    if (!this.awaited.has(tab)) {
      this.awaited.add(tab);
      void ready.then(() => this.refresh());
    }
  }

  private open(): readonly string[] {
    const paths = [...this.known]
      .filter(([, document]) => document.isShared)
      .map(([tab]) => this.manager.contextForWidget(tab)?.localPath ?? '');
    return [...new Set(paths)]
      .filter(it => it !== '')
      .sort()
      .slice(0, MOST);
  }

  /** Say what is open; that nothing is, once. */
  private report(): void {
    const paths = this.open();
    const words = paths.join('\n');
    if (words === '' && this.reported === '') {
      return;
    }
    this.reported = words;
    // Without an answer the next report is soon.
    this.page.server.present(this.name, paths).catch(() => undefined);
  }
}
