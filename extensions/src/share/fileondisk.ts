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
  /** The notebook as it was on disk when the page last read or wrote it. */
  private base: unknown = null;
  private saving: unknown = null;
  /** What is on disk, of a merge that was not done yet. */
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
      return isSame(found, this.context.contentsModel) ? 'same' : 'other';
    } catch (error) {
      return isMissing(error) ? 'gone' : 'same';
    }
  }

  /** Whether the user has changed what the page has read or written. */
  get isChanged(): boolean {
    const { notebook, base } = this;
    const known = notebook !== null && base !== null;
    return (
      this.context.model.dirty &&
      !(known && haveSameCells(base as NotebookJson, notebook.toJSON() as NotebookJson))
    );
  }

  /** Make the open file as it is on disk. */
  async take(): Promise<void> {
    const { notebook } = this;
    if (notebook === null) {
      await this.context.revert();
      return;
    }
    const model = this.context.model;
    const replace = model.fromJSON.bind(model);
    await this.read('fromJSON', content => {
      if (become(notebook, content as NotebookJson)) {
        model.dirty = false;
      } else {
        replace(content as never);
      }
    });
    this.base = model.toJSON();
    this.pending = null;
  }

  /** Merge what is on disk into what is open; `null` where nothing is to be merged. */
  async merge(): Promise<Outcome | null> {
    if (this.pending === null && (await this.look()) !== 'other') {
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
    await this.read('fromJSON', content => {
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
    let theirs = '';
    await this.read('fromString', content => {
      theirs = content as string;
    });
    if (theirs === this.context.model.toString()) {
      return { conflicts: 0, other: null };
    }
    const { contents } = this.page;
    const other = await freeName(contents, this.context.path);
    await contents.save(other, { type: 'file', format: 'text', content: theirs });
    return { conflicts: 0, other };
  }

  /** Have JupyterLab read the file, and give its content to `take` alone. */
  private async read(
    way: 'fromJSON' | 'fromString',
    take: (content: unknown) => void
  ): Promise<void> {
    const { model } = this.context;
    // The own property hides the method of the class until it is deleted.
    Object.defineProperty(model, way, { value: take, configurable: true });
    try {
      await this.context.revert();
    } finally {
      Reflect.deleteProperty(model, way);
    }
  }

  private async learnBase(): Promise<void> {
    const { notebook, context } = this;
    if (notebook === null || this.base !== null) {
      return;
    }
    if (!context.model.dirty) {
      this.base = notebook.toJSON();
      return;
    }
    const found = await this.page.contents.get(context.path, {
      content: true,
      hash: true
    });
    if (isSame(found, context.contentsModel)) {
      this.base = found.content;
    }
  }

  private onSave(_: Context, state: DocumentRegistry.SaveState): void {
    if (this.notebook === null) {
      return;
    }
    if (state === 'started') {
      this.saving = this.notebook.toJSON();
    } else if (state === 'completed') {
      this.base = this.saving;
    }
  }
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
