/**
 * Changes an open notebook into another version of it, cell by cell.
 *
 * JupyterLab's own way replaces all cells, and with them the place where the user
 * reads, the cell that runs, and the outputs that come. Here cells that are equal
 * stay as they are.
 */

/** A cell as it is in a file. */
export interface CellJson {
  readonly id?: string;
  readonly cell_type: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly outputs?: readonly unknown[];
  readonly [key: string]: unknown;
}

/** A notebook as it is in a file. */
export interface NotebookJson {
  readonly cells: readonly CellJson[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/** What is used of JupyterLab's `ISharedNotebook`. */
export interface SharedNotebook {
  readonly cells: readonly SharedCell[];
  metadata: object;
  dirty: boolean;
  nbformat_minor: number;
  insertCell(index: number, cell: object): unknown;
  deleteCell(index: number): void;
  transact(change: () => void): void;
}

/** What is used of JupyterLab's `ISharedCell`. */
export interface SharedCell {
  getId(): string;
  toJSON(): object;
  setMetadata(key: string, value: boolean): void;
}

/** What is used of JupyterLab's `INotebookModel`. */
export interface NotebookModel {
  readonly sharedModel: SharedNotebook;
  readonly cells: Iterable<CellModel>;
  toJSON(): unknown;
}

/** What is used of JupyterLab's `ICellModel`. */
export interface CellModel {
  readonly id: string;
  readonly type: string;
  trusted: boolean;
}

// What a page writes into a cell's metadata without the user.
const OWN_KEYS = ['trusted', 'collapsed', 'jupyter'];

/**
 * Make a notebook equal to `wanted`.
 *
 * @returns False, and nothing is changed, where the cells have no ids to go by.
 */
export function become(model: NotebookModel, wanted: NotebookJson): boolean {
  const ids = wanted.cells.map(it => it.id);
  if (ids.some(it => it === undefined) || new Set(ids).size < ids.length) {
    return false;
  }
  distrust(model, wanted);
  const { sharedModel: shared } = model;
  const cells = new Cells(shared);
  shared.transact(() => {
    for (const [index, cell] of wanted.cells.entries()) {
      cells.place(index, cell, new Set(ids.slice(index)));
    }
    cells.cut(Math.max(1, wanted.cells.length));
    shared.metadata = { ...languageOf(shared.metadata), ...wanted.metadata };
    shared.nbformat_minor = Math.max(shared.nbformat_minor, wanted.nbformat_minor);
  });
  return true;
}

/** What the kernel has said of its language: by it JupyterLab colours the code. */
function languageOf(metadata: object): object {
  const { language_info: known } = metadata as { readonly language_info?: object };
  return known === undefined ? {} : { language_info: known };
}

/**
 * Whether two versions have the same cells.
 *
 * A notebook that is only opened is "dirty" in JupyterLab, as its kernel has said what
 * its language is; that is no work of the user's.
 */
export function haveSameCells(one: NotebookJson, other: NotebookJson): boolean {
  return areEqual(one.cells.map(content), other.cells.map(content));
}

/** Whether the outputs of all code cells may run scripts. */
export function isTrusted(model: NotebookModel): boolean {
  return [...model.cells].every(it => it.type !== 'code' || it.trusted);
}

/**
 * Trust in a merged notebook what the user has trusted: the outputs of their own.
 *
 * @param merged What came of a merge.
 * @param mine The user's own version.
 */
export function trusted(merged: NotebookJson, mine: NotebookJson): NotebookJson {
  const own = new Map(mine.cells.map(it => [it.id, it]));
  const cells = merged.cells.map(cell => {
    const known = own.get(cell.id);
    const isMine = known !== undefined && areEqual(known.outputs, cell.outputs);
    const { trusted: was, ...rest } = cell.metadata ?? {};
    const may = was === true && isMine && known.metadata?.['trusted'] === true;
    return { ...cell, metadata: may ? { ...rest, trusted: true } : rest };
  });
  return { ...merged, cells };
}

/** Take trust back before anything is shown: a cell that stays may have lost it. */
function distrust(model: NotebookModel, wanted: NotebookJson): void {
  const may = new Set(
    wanted.cells.filter(it => it.metadata?.['trusted'] === true).map(it => it.id)
  );
  const shared = new Map(model.sharedModel.cells.map(it => [it.getId(), it]));
  for (const cell of model.cells) {
    if (cell.type === 'code' && cell.trusted && !may.has(cell.id)) {
      cell.trusted = false;
      shared.get(cell.id)?.setMetadata('trusted', false);
    }
  }
}

/** The cells while they change: the shared model lists them as before until the end. */
class Cells {
  private readonly list: CellJson[];

  constructor(private readonly shared: SharedNotebook) {
    this.list = shared.cells.map(
      it => ({ ...it.toJSON(), id: it.getId() }) as CellJson
    );
  }

  /** Let a cell stand at `index`, where all before it stand already. */
  place(
    index: number,
    wanted: CellJson,
    coming: ReadonlySet<string | undefined>
  ): void {
    while (index < this.list.length && !coming.has(this.list[index]?.id)) {
      this.remove(index);
    }
    const found = this.list[index];
    if (found !== undefined && areEqual(content(found), content(wanted))) {
      return;
    }
    const from = this.list.findIndex(it => it.id === wanted.id);
    if (from >= 0) {
      this.remove(from);
    }
    this.shared.insertCell(index, structuredClone(wanted));
    this.list.splice(index, 0, wanted);
  }

  /** Leave as many cells. */
  cut(count: number): void {
    while (this.list.length > count) {
      this.remove(this.list.length - 1);
    }
  }

  private remove(index: number): void {
    this.shared.deleteCell(index);
    this.list.splice(index, 1);
  }
}

function content(cell: object): object {
  const { metadata, ...rest } = cell as CellJson;
  const left = Object.entries(metadata ?? {}).filter(
    ([key]) => !OWN_KEYS.includes(key)
  );
  const source = rest['source'];
  return {
    ...rest,
    source: Array.isArray(source) ? source.join('') : source,
    metadata: Object.fromEntries(left)
  };
}

/** Whether two values of JSON are equal. */
export function areEqual(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) {
    return one === other;
  }
  if (Array.isArray(one) !== Array.isArray(other)) {
    return false;
  }
  const [left, right] = [Object.entries(one), new Map(Object.entries(other))];
  return (
    left.length === right.size &&
    left.every(([key, value]) => right.has(key) && areEqual(value, right.get(key)))
  );
}
