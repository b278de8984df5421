/** What stands between an open file and the same file on disk. */

import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';

import {
  areEqual,
  become,
  haveSameCells,
  type NotebookJson,
  type NotebookModel,
  trusted
} from './notebookchange.js';
import type { ShareServer } from './server.js';

/** What came of a merge. */
export interface Outcome {
  /** How many cells both have changed. */
  readonly conflicts: number;
  /** Where the other version is, of a file that has no cells. */
  readonly other: string | null;
}

/** How often a merge is tried again while the user types. */
const TRIES = 5;

const NOT_FOUND = 404;

type Context = DocumentRegistry.IContext<DocumentRegistry.IModel>;

/** Compares, takes and merges; what the user sees of it is decided elsewhere. */
export class FileOnDisk {
  /** The model of a notebook; `null` for other files. */
  readonly notebook: NotebookModel | null;
  /** The file as it was on disk when the page last read or wrote it. */
  private base: unknown = null;
  private saving: unknown = null;
  /** What is on disk and was read, and is neither shown nor merged yet. */
  private pending: unknown = null;

  /**
   * @param context The open file.
   * @param page The server that merges, and the files.
   */
  constructor(
    private readonly context: Context,
    private readonly page: {
      readonly server: ShareServer;
      readonly contents: Contents.IManager;
    }
  ) {
    this.notebook = notebookOf(context.model);
    context.saveState.connect(this.onSave, this);
    void context.ready.then(() => this.learnBase());
  }

  /** Forget the file. */
  dispose(): void {
    this.context.saveState.disconnect(this.onSave, this);
  }

  /** Whether the file is another than the page has read. */
  async look(): Promise<'same' | 'other' | 'gone'> {
    try {
      const options = { content: false, hash: true };
      const found = await this.page.contents.get(this.context.path, options);
      const isKnown = isSame(found, this.context.contentsModel);
      return isKnown && !this.hasUnmerged ? 'same' : 'other';
    } catch (error) {
      return isMissing(error) ? 'gone' : 'same';
    }
  }

  /** Whether another version was read that is not in what is open. */
  get hasUnmerged(): boolean {
    return this.pending !== null;
  }

  /**
   * Whether the user has changed what the page has read or written.
   *
   * JupyterLab's `dirty` does not say so: a kernel's language sets it, and a save takes
   * it back whatever was typed meanwhile.
   */
  get isChanged(): boolean {
    return this.base === null ? this.context.model.dirty : this.differsFrom(this.base);
  }

  /**
   * Make the open file as it is on disk.
   *
   * @param mine What may be lost; `null` for what the page has read or written.
   * @returns False where the user has typed meanwhile: their text stays, and the next
   *   save merges it.
   */
  async take(mine: unknown = this.base): Promise<boolean> {
    let isTaken = true;
    await this.read((content, show) => {
      isTaken = mine === null ? !this.context.model.dirty : !this.differsFrom(mine);
      this.pending = isTaken ? null : content;
      if (isTaken) {
        show();
        this.context.model.dirty = false;
        this.base = this.now();
      }
    });
    return isTaken;
  }

  /** What is open now. */
  now(): unknown {
    return this.notebook === null
      ? this.context.model.toString()
      : this.notebook.toJSON();
  }

  /** Merge what is on disk into what is open; `null` where nothing is to be merged. */
  async merge(): Promise<Outcome | null> {
    if (!this.hasUnmerged && (await this.look()) !== 'other') {
      return null;
    }
    const { notebook } = this;
    return notebook === null ? this.keepOther() : this.mergeCells(notebook);
  }

  /** Write what is open to another place, and change nothing here. */
  async saveTo(path: string): Promise<void> {
    const { model } = this.context;
    await this.page.contents.save(
      path,
      this.notebook === null
        ? { type: 'file', format: 'text', content: model.toString() }
        : { type: 'notebook', format: 'json', content: model.toJSON() }
    );
  }

  private async mergeCells(notebook: NotebookModel): Promise<Outcome> {
    // The page now knows the newest file, and still shows the user's own.
    await this.read(content => {
      this.pending = content;
    });
    for (let count = 0; count < TRIES; count += 1) {
      const mine = notebook.toJSON() as NotebookJson;
      const base = this.base ?? { ...mine, cells: [] };
      const found = await this.page.server.merge(base, mine, this.pending);
      if (areEqual(mine, notebook.toJSON())) {
        const merged = trusted(found.notebook as NotebookJson, mine);
        if (!become(notebook, merged)) {
          this.context.model.fromJSON(merged as never);
        }
        this.context.model.dirty = true;
        this.base = this.pending;
        this.pending = null;
        return { conflicts: found.conflicts.length, other: null };
      }
    }
    throw new Error('The notebook changes while it is merged. Save again in a moment.');
  }

  /** Write the other version next to the file, which then may be saved over it. */
  private async keepOther(): Promise<Outcome> {
    // The page now knows the newest file: until it is written, no save may go on.
    await this.read(content => {
      this.pending = content;
    });
    let other: string | null = null;
    if (this.differsFrom(this.pending)) {
      const { contents } = this.page;
      other = await freeName(contents, this.context.path);
      const file = { type: 'file', format: 'text', content: this.pending } as const;
      await contents.save(other, file);
    }
    this.base = this.pending;
    this.pending = null;
    return { conflicts: 0, other };
  }

  /** Have JupyterLab read the file, and give its content to `take` alone. */
  private async read(take: Take): Promise<void> {
    const { context, notebook } = this;
    const { model } = context;
    const way = notebook === null ? 'fromString' : 'fromJSON';
    const show = model[way].bind(model) as (content: unknown) => void;
    let hasCome = false;
    const value = (content: unknown): void => {
      hasCome = true;
      take(content, () => {
        if (notebook === null || !become(notebook, content as NotebookJson)) {
          show(content);
        }
      });
    };
    // The own property hides the method of the class until it is deleted.
    Object.defineProperty(model, way, { value, configurable: true });
    try {
      await context.revert();
    } finally {
      Reflect.deleteProperty(model, way);
    }
    // JupyterLab 4.6 gives no content of a file that is empty.
    if (!hasCome && notebook === null && !context.isDisposed) {
      value('');
    }
  }

  private differsFrom(known: unknown): boolean {
    const now = this.now();
    return this.notebook === null
      ? now !== known
      : !haveSameCells(known as NotebookJson, now as NotebookJson);
  }

  private async learnBase(): Promise<void> {
    const { context } = this;
    if (this.base !== null) {
      return;
    }
    if (!context.model.dirty) {
      this.base = this.now();
      return;
    }
    const found = await this.page.contents.get(context.path, {
      content: true,
      hash: true
    });
    if (isSame(found, context.contentsModel)) {
      this.base = this.notebook === null ? lines(found.content) : found.content;
    }
  }

  private onSave(_: Context, state: DocumentRegistry.SaveState): void {
    if (state === 'started') {
      this.saving = this.now();
    } else if (state === 'completed' && this.saving !== null) {
      this.base = this.saving;
      // JupyterLab takes what was typed meanwhile for saved.
      if (this.isChanged) {
        this.context.model.dirty = true;
      }
    }
  }
}

/** Takes what was read, and what shows it. */
type Take = (content: unknown, show: () => void) => void;

/** A text with the ends of lines that JupyterLab gives it. */
function lines(content: string): string {
  return content.replace(/\r\n?/g, '\n');
}

/** The model of a notebook, where a model is one. */
function notebookOf(model: object): NotebookModel | null {
  return 'cells' in model && 'sharedModel' in model ? (model as NotebookModel) : null;
}

type Known = Pick<Contents.IModel, 'hash' | 'last_modified'>;

function isSame(found: Known, known: Known | null): boolean {
  return found.hash && known?.hash
    ? found.hash === known.hash
    : found.last_modified === known?.last_modified;
}

function isMissing(error: unknown): boolean {
  const { response } = error as { response?: { status?: number } };
  return response?.status === NOT_FOUND;
}

/** A name next to a file that no other file has. */
async function freeName(contents: Contents.IManager, path: string): Promise<string> {
  const dot = path.lastIndexOf('.');
  const hasEnding = dot > path.lastIndexOf('/') + 1;
  const [stem, ending] = hasEnding ? [path.slice(0, dot), path.slice(dot)] : [path, ''];
  for (let count = 1; ; count += 1) {
    const number = count === 1 ? '' : ` ${count}`;
    const name = `${stem} (new version${number})${ending}`;
    try {
      await contents.get(name, { content: false });
    } catch (error) {
      if (isMissing(error)) {
        return name;
      }
      throw error;
    }
  }
}
