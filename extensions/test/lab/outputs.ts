/** The outputs of a cell, as JupyterLab's model keeps them. */

import { Signal } from '@lumino/signaling';

import { MIME_TYPE, type Saved } from '../../src/frame.js';
import type { Outputs } from '../../src/monitor/saved.js';

/** One output. */
export type Output = Record<string, unknown> & { data: Record<string, unknown> };

/** A model of outputs that announces its changes. */
export class FakeOutputs {
  readonly changed = new Signal<this, void>(this);
  readonly list: Output[] = [];

  get length(): number {
    return this.list.length;
  }

  get model(): Outputs {
    return this as unknown as Outputs;
  }

  get(index: number): Output {
    return this.list[index] as Output;
  }

  add(output: Output): number {
    const length = this.list.push(output);
    this.changed.emit();
    return length;
  }

  set(index: number, output: Output): void {
    this.list[index] = output;
    this.changed.emit();
  }

  remove(index: number): void {
    this.list.splice(index, 1);
    this.changed.emit();
  }

  get executions(): readonly unknown[] {
    return this.list.map(
      it => (it.data[MIME_TYPE] as Saved | undefined)?.cell.execution_id
    );
  }
}
