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
  moveCell(from: number, to: number): void;
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
  shared.transact(() => {
    for (const [index, cell] of wanted.cells.entries()) {
      place(shared, index, cell, new Set(ids.slice(index)));
    }
    while (shared.cells.length > Math.max(1, wanted.cells.length)) {
      shared.deleteCell(shared.cells.length - 1);
    }
    shared.metadata = { ...wanted.metadata };
    shared.nbformat_minor = Math.max(shared.nbformat_minor, wanted.nbformat_minor);
  });
  return true;
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

/** Let a cell stand at `index`, where all before it stand already. */
function place(
  shared: SharedNotebook,
  index: number,
  wanted: CellJson,
  coming: ReadonlySet<string | undefined>
): void {
  let here = shared.cells[index];
  while (here !== undefined && !coming.has(here.getId())) {
    shared.deleteCell(index);
    here = shared.cells[index];
  }
  const from = shared.cells.findIndex(it => it.getId() === wanted.id);
  if (from > index) {
    shared.moveCell(from, index);
  }
  const found = from < 0 ? undefined : shared.cells[index];
  if (found !== undefined && areEqual(content(found.toJSON()), content(wanted))) {
    return;
  }
  if (found !== undefined) {
    shared.deleteCell(index);
  }
  shared.insertCell(index, structuredClone(wanted));
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
