import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  areEqual,
  become,
  type CellJson,
  type CellModel,
  isTrusted,
  type NotebookJson,
  trusted
} from '../../src/share/notebookchange.js';
import { FakeModel } from './model.js';

/** A code cell. */
function code(id: string, source: string, more: Partial<CellJson> = {}): CellJson {
  return { id, cell_type: 'code', source, metadata: {}, outputs: [], ...more };
}

function notebook(...cells: readonly CellJson[]): NotebookJson {
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

const orders = ['abc', 'cab', 'b', 'xbya', 'cbad', 'zz'.slice(1), 'bcdea'];
for (const from of orders) {
  for (const to of orders) {
    test(`cells ${from} become ${to}`, () => {
      const cells = (all: string): NotebookJson =>
        notebook(...[...all].map(it => code(it, `text of ${it}`)));
      const model = new FakeModel(cells(from));

      assert.equal(become(model, cells(to)), true);

      assert.ok(areEqual(model.toJSON(), cells(to)));
    });
  }
}

test('a cell that is equal stays as it is, with what runs in it', () => {
  const model = new FakeModel(notebook(code('a', 'x'), code('b', 'y')));
  const [kept, other] = model.sharedModel.cells;

  become(model, notebook(code('n', 'new'), code('a', 'x'), code('b', 'changed')));

  assert.equal(model.sharedModel.cells[1], kept);
  assert.notEqual(model.sharedModel.cells[2], other);
});

test('cells without ids are left to JupyterLab', () => {
  const model = new FakeModel(notebook(code('a', 'x')));
  const { id: _, ...cell } = code('a', 'y');

  assert.equal(become(model, notebook(cell)), false);
  assert.equal(become(model, notebook(code('a', 'y'), code('a', 'z'))), false);

  assert.ok(areEqual(model.toJSON(), notebook(code('a', 'x'))));
});

test('what another has changed is trusted no more, nor is the rest of it', () => {
  const may = { metadata: { trusted: true } };
  const model = new FakeModel(notebook(code('a', 'x', may), code('b', 'y', may)));
  assert.ok(isTrusted(model));
  const evil = [{ output_type: 'display_data', data: { 'text/html': '<script>' } }];
  const seen: (readonly boolean[])[] = [];
  model.onInsert = () => seen.push(model.cells.map((it: CellModel) => it.trusted));

  become(model, notebook(code('a', 'x'), code('b', 'y', { outputs: evil })));

  assert.equal(isTrusted(model), false);
  assert.deepEqual(
    model.cells.map((it: CellModel) => it.trusted),
    [false, false]
  );
  assert.deepEqual(seen, [[false, false]], 'trust is gone before an output comes');
});

test('after a merge only outputs of mine stay trusted', () => {
  const may = { metadata: { trusted: true } };
  const out = (text: string): unknown[] => [{ output_type: 'stream', text }];
  const mine = notebook(
    code('a', 'x', { ...may, outputs: out('mine') }),
    code('b', 'y', { ...may, outputs: out('mine') })
  );
  const merged = notebook(
    code('a', 'x', { ...may, outputs: out('mine') }),
    code('b', 'y', { ...may, outputs: out('theirs') }),
    code('c', 'z', { ...may, outputs: out('theirs') })
  );

  const found = trusted(merged, mine).cells.map(
    it => it.metadata?.['trusted'] === true
  );

  assert.deepEqual(found, [true, false, false]);
});
