/** Stands in for the model of a notebook in JupyterLab. */

import type {
  CellJson,
  CellModel,
  NotebookJson,
  NotebookModel,
  SharedCell,
  SharedNotebook
} from '../../src/share/notebookchange.js';

/** A cell in both of JupyterLab's views on it. */
class FakeCell implements SharedCell, CellModel {
  trusted: boolean;

  constructor(private json: CellJson) {
    this.trusted = json.metadata?.['trusted'] === true;
  }

  get id(): string {
    return this.json.id ?? '';
  }

  get type(): string {
    return this.json.cell_type;
  }

  getId(): string {
    return this.id;
  }

  toJSON(): CellJson {
    return structuredClone(this.json);
  }

  setMetadata(key: string, value: boolean): void {
    this.json = { ...this.json, metadata: { ...this.json.metadata, [key]: value } };
  }

  /** The user types. */
  write(source: string): void {
    this.json = { ...this.json, source };
  }
}

/** A notebook that is open. */
export class FakeModel implements NotebookModel {
  dirty = false;
  /** Called when a cell has come. */
  onInsert = (): void => undefined;
  private list: FakeCell[];
  private coming: FakeCell[] = [];
  private head: Omit<NotebookJson, 'cells'>;

  constructor(json: NotebookJson) {
    const { cells, ...head } = json;
    this.list = cells.map(it => new FakeCell(it));
    this.head = head;
  }

  get cells(): FakeCell[] {
    return this.list;
  }

  readonly sharedModel: SharedNotebook & { readonly cells: readonly FakeCell[] } =
    this.share();

  toJSON(): NotebookJson {
    return { ...this.head, cells: this.list.map(it => it.toJSON()) };
  }

  fromJSON(json: NotebookJson): void {
    this.list = json.cells.map(it => new FakeCell(it));
    this.dirty = false;
  }

  toString(): string {
    return JSON.stringify(this.toJSON());
  }

  fromString(text: string): void {
    this.fromJSON(JSON.parse(text) as NotebookJson);
  }

  /** The user types into a cell. */
  type(index: number, source: string): void {
    this.list[index]?.write(source);
    this.dirty = true;
  }

  private share(): SharedNotebook & { readonly cells: readonly FakeCell[] } {
    const model = this;
    return {
      get cells() {
        return model.list;
      },
      get metadata() {
        return model.head.metadata;
      },
      set metadata(metadata: object) {
        model.head = { ...model.head, metadata: metadata as NotebookJson['metadata'] };
      },
      get nbformat_minor() {
        return model.head.nbformat_minor;
      },
      set nbformat_minor(nbformat_minor: number) {
        model.head = { ...model.head, nbformat_minor };
      },
      get dirty() {
        return model.dirty;
      },
      set dirty(value: boolean) {
        model.dirty = value;
      },
      insertCell(index, cell) {
        model.coming.splice(index, 0, new FakeCell(cell as CellJson));
        model.onInsert();
      },
      deleteCell(index) {
        model.coming.splice(index, 1);
      },
      // As in JupyterLab: what is listed changes when the transaction is over.
      transact(change) {
        model.coming = [...model.list];
        change();
        model.list = model.coming;
      }
    };
  }
}
