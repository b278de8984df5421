/** Stands in for `@jupyterlab/cells`: cells whose element may be built later. */

import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { PanelLayout, Widget } from '@lumino/widgets';

import { FakeOutputs } from './outputs.js';

/** A cell of a notebook. */
export class Cell extends Widget {
  readonly model: { readonly id: string };

  constructor(id: string) {
    super();
    this.model = { id };
  }
}

/** A cell with code: its input, its outputs and its footer. */
export class CodeCell extends Cell {
  override readonly model: {
    readonly id: string;
    readonly outputs: FakeOutputs;
    executionState: 'idle' | 'running';
  };
  readonly outputArea: { future: object | null } = { future: null };
  private readonly built = new PromiseDelegate<void>();
  private isBuilt = false;

  /** @param isNear Whether it is near the visible part, where elements are built. */
  constructor(id: string, isNear = true) {
    super(id);
    this.model = { id, outputs: new FakeOutputs(), executionState: 'idle' };
    const layout = new PanelLayout();
    this.layout = layout;
    for (const part of ['input', 'outputs', 'footer']) {
      const widget = new Widget();
      widget.addClass(part);
      layout.addWidget(widget);
    }
    if (isNear) {
      this.build();
    }
  }

  get ready(): Promise<void> {
    return this.built.promise;
  }

  isPlaceholder(): boolean {
    return !this.isBuilt;
  }

  /** The cell comes near the visible part. */
  build(): void {
    this.isBuilt = true;
    this.built.resolve();
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }
}
