/** The outputs that hold what Spark did, in the model of a cell. */

import type { IOutputAreaModel } from '@jupyterlab/outputarea';

import { MIME_TYPE, readSaved, type Saved, type Summary, TAG } from '../frame.js';
import { keyOf, workKey } from './work.js';
import type { WorkPanel } from './workpanel.js';

/** What is used of JupyterLab's model of a cell's outputs. */
export type Outputs = Pick<
  IOutputAreaModel,
  'add' | 'get' | 'length' | 'remove' | 'set'
>;

/** A saved output and where it stands. */
interface Placed {
  readonly index: number;
  readonly saved: Saved;
}

/**
 * The panels of saved outputs on this page, by execution: work that goes on in the
 * background after its cell has ended is shown where its output already stands.
 */
export const savedPanels = new Map<string, Set<WorkPanel>>();

/** Note that `panel` shows the saved output of an execution. */
export function remember(key: string, panel: WorkPanel): void {
  const panels = savedPanels.get(key) ?? new Set();
  savedPanels.set(key, panels.add(panel));
}

/** The outputs that are there, by execution. */
export function savedWorks(outputs: Outputs): ReadonlyMap<string, Saved> {
  return new Map(placed(outputs).map(it => [keyOf(it.saved), it.saved]));
}

/**
 * Put what a summary announces where it is missing, and bring it up to date.
 *
 * A page that was reloaded while the cell ran never got the output itself.
 */
export function place(outputs: Outputs, summary: Summary): void {
  const { application_id, cell_id, execution_id, bundle } = summary;
  const key = workKey(application_id, cell_id, execution_id);
  const announced = readSaved(bundle[MIME_TYPE]);
  const known = placed(outputs);
  const metadata = { tags: [TAG] };
  const output = { output_type: 'display_data', data: bundle, metadata };
  const same = known.find(it => keyOf(it.saved) === key);
  if (same !== undefined) {
    if (JSON.stringify(same.saved) !== JSON.stringify(announced)) {
      outputs.set(same.index, output as Parameters<Outputs['set']>[1]);
    }
    return;
  }
  const { started_ms } = announced.cell;
  if (known.every(it => it.saved.cell.started_ms <= started_ms)) {
    removeOlder(outputs, execution_id, started_ms);
    outputs.add(output as Parameters<Outputs['add']>[0]);
  }
}

/** Take away what earlier executions left: the cell was run again. */
export function removeOlder(
  outputs: Outputs,
  executionId: string | null,
  started_ms: number
): void {
  const older = placed(outputs).filter(
    ({ saved: { cell } }) =>
      cell.execution_id !== executionId && cell.started_ms <= started_ms
  );
  for (const { index } of older.reverse()) {
    outputs.remove(index);
  }
}

function placed(outputs: Outputs): readonly Placed[] {
  const found: Placed[] = [];
  for (let index = 0; index < outputs.length; index += 1) {
    const data = outputs.get(index).data[MIME_TYPE];
    if (data !== undefined) {
      try {
        found.push({ index, saved: readSaved(data) });
      } catch {
        // A notebook from elsewhere may hold anything; the renderer reports it.
      }
    }
  }
  return found;
}
