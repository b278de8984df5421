/** One open file of a folder that follows a share, and the bars above it. */

import type { MainAreaWidget } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';

import type { Changed, Folder, SharingState } from './answer.js';
import { arrival } from './arrival.js';
import { Bar } from './bar.js';
import { type BarShown, mergedWords } from './barview.js';
import { FileOnDisk } from './fileondisk.js';
import { held } from './hold.js';
import { isTrusted } from './notebookchange.js';
import type { ShareServer } from './server.js';
import type { Understood } from './understood.js';
import { keepView } from './view.js';

/** What an open file needs of the page. */
export interface Page {
  readonly server: ShareServer;
  readonly contents: Contents.IManager;
  readonly understood: Understood;
  /** Open a file in a tab. */
  readonly open: (path: string) => void;
  /** Ask whether the notebook in a tab is trusted. */
  readonly trust: (widget: MainAreaWidget) => void;
}

type Context = DocumentRegistry.IContext<DocumentRegistry.IModel>;

/** Keeps a file up to date, and loses nothing of what the user has typed in it. */
export class OpenDocument {
  private readonly bars = new Map<MainAreaWidget, Bar>();
  private readonly disk: FileOnDisk;
  private readonly save: () => Promise<void>;
  private newer: Changed | null = null;
  private keepsMine = false;
  private hasLostTrust = false;
  /** What another changed before the file was opened here. */
  private unseen: Changed | null = null;
  private gone: BarShown['gone'] = null;
  private isFollowed = true;
  private note = '';
  private isBusy = false;
  private seen = '';
  private turn: Promise<unknown> = Promise.resolve();

  /**
   * @param widget The first tab with the file.
   * @param context The file in it.
   * @param folder The folder that it is in.
   * @param page What it needs of the page.
   */
  constructor(
    widget: MainAreaWidget,
    private readonly context: Context,
    private folder: Folder,
    private readonly page: Page
  ) {
    this.disk = new FileOnDisk(context, page);
    this.add(widget);
    // All that saves goes through this: the menu, the keys, and JupyterLab's clock.
    this.save = context.save.bind(context);
    context.save = () => this.inTurn(() => this.saveHeld());
    void this.inTurn(() => this.learnTrust());
    this.update(folder);
  }

  /** Let one more tab with the file have a bar. */
  add(widget: MainAreaWidget): void {
    const bar = this.barOf(widget);
    this.bars.set(widget, bar);
    widget.contentHeader.addWidget(bar);
    this.draw();
  }

  /**
   * Let a tab have no bar.
   *
   * @returns Whether it was the last one; the file then is saved as any other.
   */
  remove(widget: MainAreaWidget): boolean {
    this.bars.get(widget)?.dispose();
    this.bars.delete(widget);
    if (this.bars.size > 0) {
      return false;
    }
    this.context.save = this.save;
    this.disk.dispose();
    return true;
  }

  private barOf(widget: MainAreaWidget): Bar {
    const { page } = this;
    return new Bar({
      understand: () => {
        page.understood.add(this.folder.share, this.folder.owner);
        this.draw();
      },
      showTheirs: () => {
        const mine = this.disk.now();
        void this.attempt(() => this.inTurn(() => this.take(mine)));
      },
      keepMine: () => {
        this.keepsMine = true;
        this.draw();
      },
      makeCopy: () => void this.attempt(() => this.copy()),
      trust: () => {
        page.trust(widget);
        this.hasLostTrust = false;
        this.unseen = null;
        this.draw();
      },
      dismiss: () => {
        this.note = '';
        this.draw();
      }
    });
  }

  /** The path of the file, in the folder. */
  get path(): string {
    return this.context.localPath.slice(this.folder.place.length + 1);
  }

  /** Take how the folder stands. */
  update(folder: Folder): void {
    this.folder = folder;
    this.isFollowed = true;
    if (this.gone === 'share') {
      this.gone = null;
    }
    const mark = `${folder.seq} ${this.latest()?.at ?? ''}`;
    if (mark !== this.seen) {
      this.seen = mark;
      void this.inTurn(() => this.look());
    }
    this.draw();
  }

  /** Whether its folder follows a share. */
  get isShared(): boolean {
    return this.isFollowed;
  }

  /**
   * The file is in no folder that follows a share.
   *
   * @param state How everything stands. The end of a share is said only where that is
   *   sure: a folder may have been moved, or the server may have started again.
   */
  leave(state: SharingState): void {
    this.isFollowed = false;
    this.seen = '';
    if (this.gone !== 'share' && this.isTakenBack(state)) {
      this.gone = 'share';
    }
    this.newer = null;
    this.note = '';
    this.folder = { ...this.folder, present: [] };
    this.draw();
  }

  private isTakenBack({ sentence, is_listed, mine, others }: SharingState): boolean {
    const { is_mine, share, place } = this.folder;
    return (
      !is_mine &&
      is_listed &&
      sentence === '' &&
      ![...mine, ...others].some(it => it.id === share) &&
      this.context.localPath.startsWith(`${place}/`)
    );
  }

  /** Let a look, a change and a save follow each other, and never meet. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private latest(): Changed | undefined {
    return this.folder.changed.find(it => it.path === this.path);
  }

  /** Look whether the file is another by now: a clean tab shows it, a dirty one asks. */
  private async look(): Promise<void> {
    await this.context.ready;
    const found = await this.disk.look();
    this.gone = found === 'gone' ? 'file' : null;
    if (found === 'other') {
      if (this.disk.isChanged) {
        this.setNewer();
      } else {
        await this.take();
      }
    }
    this.draw();
  }

  private setNewer(): void {
    this.newer = this.latest() ?? { path: this.path, by: '', at: '' };
  }

  /**
   * Show what is on disk, with the place and the kernel that the user has.
   *
   * @param mine What the user gives up for it.
   */
  private async take(mine?: unknown): Promise<void> {
    if (!(await this.minding(() => this.disk.take(mine)))) {
      this.setNewer();
      return;
    }
    this.note = '';
    this.newer = null;
    this.keepsMine = false;
  }

  /** Change what is shown, with the place where the user is, and mind a loss of trust. */
  private async minding<T>(change: () => Promise<T>): Promise<T> {
    const wasTrusted = !this.isDistrusted;
    const done = await keepView(this.bars.keys(), change);
    this.hasLostTrust ||= wasTrusted && this.isDistrusted;
    return done;
  }

  private get isDistrusted(): boolean {
    const { notebook } = this.disk;
    return notebook !== null && !isTrusted(notebook);
  }

  /** Note who changed the notebook while it was closed: that version is not trusted. */
  private async learnTrust(): Promise<void> {
    await this.context.ready;
    this.unseen = this.latest() ?? null;
    this.draw();
  }

  /** Save as JupyterLab does, where nothing changes on disk meanwhile. */
  private async saveHeld(): Promise<void> {
    if (!this.isFollowed) {
      await this.saveMerged();
      return;
    }
    if (this.gone === null && this.folder.right === 'view') {
      this.refuse();
    }
    const { server } = this.page;
    await held(server, this.context.localPath, () => this.saveMerged());
  }

  /** Save what is both the user's and the others'. */
  private async saveMerged(): Promise<void> {
    if (this.gone === null && (this.isFollowed || this.disk.hasUnmerged)) {
      const by = this.latest()?.by ?? '';
      const merged = await this.minding(() => this.disk.merge());
      if (merged !== null) {
        this.note =
          merged.other === null
            ? mergedWords(by, merged.conflicts)
            : `The other version is in ${merged.other}.`;
      }
    }
    await this.save();
    this.newer = null;
    this.keepsMine = false;
    this.draw();
  }

  /** Save nothing of what may only be viewed, whatever the disk would permit. */
  private refuse(): never {
    if (this.disk.isChanged) {
      this.note =
        'Nothing was saved: you can view this folder. “Make my copy” keeps your changes.';
      this.draw();
    }
    // By this name JupyterLab knows a save that was given up, and opens no dialog.
    throw Object.assign(new Error(this.note), { name: 'ModalCancelError' });
  }

  /** A folder of the user's own, with what this tab shows now. */
  private async copy(): Promise<void> {
    const { path } = this;
    const { server } = this.page;
    const place = await server.clone(this.folder.share, null);
    await arrival(server, place);
    await this.disk.saveTo(`${place}/${path}`);
    this.page.open(`${place}/${path}`);
    this.note = `Your copy is ${place}/${path}, with all that you changed here.`;
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    if (this.isBusy) {
      return;
    }
    this.isBusy = true;
    this.draw();
    try {
      await work();
    } catch (error) {
      this.note = error instanceof Error ? error.message : String(error);
    }
    this.isBusy = false;
    this.draw();
  }

  private draw(): void {
    for (const bar of this.bars.values()) {
      bar.present(this.isFollowed || this.gone === 'share' ? this.shown() : null);
    }
  }

  private shown(): BarShown {
    const { folder, path, newer, keepsMine, gone, note, isBusy } = this;
    const { understood } = this.page;
    const others = folder.present.filter(it => it.paths.includes(path));
    return {
      ...{ folder, path: this.context.localPath, newer, keepsMine },
      ...{ gone, note, isBusy },
      now: Date.now(),
      hasLostTrust: this.hasLostTrust && this.isDistrusted,
      unseen: this.isDistrusted ? this.unseen : null,
      isNotebook: this.disk.notebook !== null,
      isUnderstood: understood.has(folder.share, folder.owner),
      present: others.map(it => it.name)
    };
  }
}
