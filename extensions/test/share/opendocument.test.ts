import '../lab/page.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Signal } from '@lumino/signaling';

import type { Folder } from '../../src/share/answer.js';
import type { NotebookJson } from '../../src/share/notebookchange.js';
import { Understood } from '../../src/share/understood.js';
import { byName, textOf } from '../page.js';
import { FakeModel } from './model.js';
import { folder, Refusal, StandIn, settled, state } from './stand.js';

const { BoxPanel, Widget } = await import('@lumino/widgets');
const { OpenDocument } = await import('../../src/share/opendocument.js');

const PLACE = 'Shared/anna/flights';
const PATH = `${PLACE}/a.ipynb`;

function notebook(...sources: readonly string[]): NotebookJson {
  const cells = sources.map((source, index) => ({
    ...{ id: `c${index}`, cell_type: 'code', source, metadata: {}, outputs: [] }
  }));
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

/** A notebook in a tab, and the same file on disk. */
class Tab {
  readonly stand: StandIn;
  readonly model: FakeModel;
  readonly written: Record<string, unknown> = {};
  readonly opened: string[] = [];
  /** Called when the page looks at the file. */
  onLook = (): void => undefined;
  readonly widget = Object.assign(new Widget(), { contentHeader: new BoxPanel() });
  readonly context: FakeContext;
  readonly open: InstanceType<typeof OpenDocument>;
  private readonly memory = new Map<string, string>();

  constructor(
    public disk: NotebookJson | null,
    more: Partial<Folder> = {},
    answers: Record<string, unknown> = {}
  ) {
    this.stand = new StandIn(answers);
    this.model = new FakeModel(disk ?? notebook(''));
    this.context = new FakeContext(this);
    const page = {
      server: this.stand.server,
      contents: { get: this.get, save: this.save } as never,
      understood: new Understood(
        {
          getItem: key => this.memory.get(key) ?? null,
          setItem: (key, value) => void this.memory.set(key, value)
        },
        '/user/ben/'
      ),
      open: (path: string) => void this.opened.push(path),
      trust: () => undefined
    };
    const { widget, context } = this;
    const start = folder({ right: 'edit', ...more });
    this.open = new OpenDocument(widget as never, context as never, start, page);
  }

  get bar(): HTMLElement {
    return this.widget.contentHeader.widgets[0]?.node ?? this.widget.node;
  }

  get text(): string {
    return textOf(this.bar);
  }

  get sources(): readonly unknown[] {
    return this.model.toJSON().cells.map(it => it['source']);
  }

  /** Another person saves. */
  async change(
    disk: NotebookJson | null,
    seq = 4,
    more: Partial<Folder> = {}
  ): Promise<void> {
    this.disk = disk;
    const at = new Date().toISOString();
    const changed = [{ path: 'a.ipynb', by: 'anna', at }];
    this.open.update(folder({ right: 'edit', seq, head: seq, changed, ...more }));
    await settled();
  }

  async press(label: string): Promise<void> {
    byName(this.bar, 'button', label)[0]?.click();
    await settled();
  }

  readonly get = async (path: string): Promise<object> => {
    this.onLook();
    if (path !== PATH || this.disk === null) {
      throw Object.assign(new Error('no'), { response: { status: 404 } });
    }
    return { hash: JSON.stringify(this.disk), content: structuredClone(this.disk) };
  };

  readonly save = async (path: string, file: { content: unknown }): Promise<void> => {
    this.written[path] = file.content;
  };
}

/** Stands in for JupyterLab's context of a file. */
class FakeContext {
  readonly path = PATH;
  readonly localPath = PATH;
  readonly ready = Promise.resolve();
  readonly saveState = new Signal<this, string>(this);
  readonly model: FakeModel;
  contentsModel: { hash: string };

  constructor(private readonly tab: Tab) {
    this.model = tab.model;
    this.contentsModel = { hash: JSON.stringify(tab.disk) };
  }

  async revert(): Promise<void> {
    this.contentsModel = { hash: JSON.stringify(this.tab.disk) };
    this.model.fromJSON(structuredClone(this.tab.disk) as NotebookJson);
  }

  async save(): Promise<void> {
    assert.equal(this.contentsModel.hash, JSON.stringify(this.tab.disk), 'a conflict');
    this.saveState.emit('started');
    this.tab.disk = this.model.toJSON();
    this.contentsModel = { hash: JSON.stringify(this.tab.disk) };
    this.model.dirty = false;
    this.saveState.emit('completed');
  }
}

test('a clean tab shows by itself what another has saved', async () => {
  const tab = new Tab(notebook('x = 1', 'y'));
  const kept = tab.model.cells[1];
  await settled();

  await tab.change(notebook('x = 2', 'y'));

  assert.deepEqual(tab.sources, ['x = 2', 'y']);
  assert.equal(tab.model.cells[1], kept);
  assert.equal(tab.model.dirty, false);
  assert.doesNotMatch(tab.text, /changed this notebook/);
});

test('a tab with unsaved changes asks, and shows theirs on a click', async () => {
  const tab = new Tab(notebook('x = 1'));
  await settled();
  tab.model.type(0, 'mine');

  await tab.change(notebook('theirs'));
  assert.match(
    tab.text,
    /anna changed this notebook at \d\d:\d\d, and you have changes/
  );
  assert.deepEqual(tab.sources, ['mine']);
  await tab.press('Show theirs');

  assert.deepEqual(tab.sources, ['theirs']);
  assert.doesNotMatch(tab.text, /changed this notebook/);
});

test('a notebook that its kernel alone has touched is a clean tab', async () => {
  const tab = new Tab(notebook('x = 1'));
  await settled();
  tab.model.sharedModel.metadata = { language_info: { name: 'python' } };
  tab.model.dirty = true;

  await tab.change(notebook('theirs'));

  assert.deepEqual(tab.sources, ['theirs']);
  assert.deepEqual(tab.model.toJSON().metadata, { language_info: { name: 'python' } });
});

test('saving merges what another has saved before, and loses no cell', async () => {
  const base = notebook('x', 'y');
  const theirs = notebook('x', 'theirs');
  const merged = notebook('mine', 'theirs');
  const answer = { notebook: merged, conflicts: [] };
  const tab = new Tab(base, {}, { 'POST merge': answer });
  await settled();
  tab.model.type(0, 'mine');
  await tab.change(theirs);

  await tab.press('Keep mine');
  assert.match(tab.text, /Both are merged when you save\./);
  await tab.context.save();

  const [{ body } = { body: null }] = tab.stand.sent.filter(
    it => it.call === 'POST merge'
  );
  assert.deepEqual(body, { base, mine: notebook('mine', 'y'), theirs });
  assert.deepEqual(tab.disk, merged);
  assert.deepEqual(tab.sources, ['mine', 'theirs']);
  assert.match(tab.text, /What anna changed is merged with yours\./);
});

test('also a save before the news of a change merges', async () => {
  const merged = notebook('mine', 'theirs');
  const conflict = { id: 'c0', kind: 'both changed', mine: 'mine', theirs: 'x' };
  const answer = { notebook: merged, conflicts: [conflict] };
  const tab = new Tab(notebook('x', 'y'), {}, { 'POST merge': answer });
  await settled();
  tab.model.type(0, 'mine');
  tab.disk = notebook('x', 'theirs');

  await tab.context.save();

  assert.deepEqual(tab.disk, merged);
  assert.match(tab.text, /1 cell changed by both: theirs stands below yours\./);
});

test('a merge that fails saves nothing, and the next one has the same base', async () => {
  const base = notebook('x');
  const theirs = notebook('theirs');
  const answers: Record<string, unknown> = {
    'POST merge': new Refusal(503, { message: 'Away.' })
  };
  const tab = new Tab(base, {}, answers);
  await settled();
  tab.model.type(0, 'mine');
  tab.disk = theirs;

  await assert.rejects(tab.context.save(), /Away\./);
  assert.deepEqual([tab.disk, tab.sources], [theirs, ['mine']]);
  tab.stand.answers['POST merge'] = { notebook: notebook('both'), conflicts: [] };
  await tab.context.save();

  const merges = tab.stand.sent.filter(it => it.call === 'POST merge');
  assert.deepEqual(merges.at(-1)?.body, {
    base,
    mine: notebook('mine'),
    theirs
  });
  assert.deepEqual(tab.disk, notebook('both'));
});

test('a save without another’s change merges nothing', async () => {
  const tab = new Tab(notebook('x'));
  await settled();
  tab.model.type(0, 'mine');

  await tab.context.save();
  await tab.context.save();

  assert.ok(!tab.stand.calls.includes('POST merge'));
  assert.deepEqual(tab.disk, notebook('mine'));
});

test('nothing else writes a file from the look before a save to its end', async () => {
  const tab = new Tab(notebook('x'));
  await settled();
  tab.model.type(0, 'mine');
  const said = (): readonly unknown[] =>
    tab.stand.sent
      .filter(it => it.call === 'PUT saving')
      .map(it => {
        const { path, is_over } = it.body as Record<string, unknown>;
        return [path, is_over];
      });
  const seen: unknown[] = [];
  tab.onLook = () => seen.push(...said());

  await tab.context.save();

  assert.deepEqual(seen, [[PATH, false]]);
  assert.deepEqual(said(), [
    [PATH, false],
    [PATH, true]
  ]);
});

test('my copy of what I may view has what I have not saved', async () => {
  const place = 'flights (copy)';
  const answers = { 'POST shares/7/clone': { place }, 'GET state': state() };
  const tab = new Tab(notebook('x'), { right: 'view' }, answers);
  await settled();
  tab.model.type(0, 'mine');

  assert.match(tab.text, /Shared by anna, can view\. Running works, saving does not\./);
  await tab.press('Make my copy');

  assert.deepEqual(tab.written, { [`${place}/a.ipynb`]: notebook('mine') });
  assert.deepEqual(tab.opened, [`${place}/a.ipynb`]);
  assert.deepEqual(tab.sources, ['mine']);
});

test('what may only be viewed is not saved, and a line says so', async () => {
  const tab = new Tab(notebook('x'), { right: 'view' });
  await settled();
  tab.model.type(0, 'mine');

  await assert.rejects(tab.context.save(), { name: 'ModalCancelError' });

  assert.deepEqual([tab.disk, tab.sources], [notebook('x'), ['mine']]);
  assert.match(tab.text, /Nothing was saved: you can view this folder/);
});

test('what running another’s notebook means is said once for a share', async () => {
  const tab = new Tab(notebook('x'));
  await settled();
  const meaning = /By anna\. Running it acts as you: it can read your files/;

  assert.match(tab.text, meaning);
  await tab.press('I understand');
  assert.doesNotMatch(tab.text, meaning);
  await tab.change(notebook('y'));

  assert.doesNotMatch(tab.text, meaning);
});

test('an own notebook says nothing of itself, but who is in it', async () => {
  const tab = new Tab(notebook('x'), { is_mine: true, right: 'own' });
  await settled();
  assert.equal(tab.text, '');

  const present = [
    { name: 'cleo', paths: ['a.ipynb'] },
    { name: 'dan', paths: ['b'] }
  ];
  await tab.change(notebook('x'), 4, { is_mine: true, present });

  assert.equal(tab.text, 'cleo has this notebook open.');
});

test('a notebook that was trusted says that it is not any more', async () => {
  const start = notebook('x');
  const trusted = start.cells.map(it => ({ ...it, metadata: { trusted: true } }));
  const tab = new Tab({ ...start, cells: trusted });
  await settled();

  await tab.change(notebook('y'));

  assert.match(tab.text, /has changed since you trusted it/);
});

test('a merge that brings what is not trusted says so', async () => {
  const start = notebook('x', 'y');
  const trusted = start.cells.map(it => ({ ...it, metadata: { trusted: true } }));
  const answer = { notebook: notebook('mine', 'theirs'), conflicts: [] };
  const tab = new Tab({ ...start, cells: trusted }, {}, { 'POST merge': answer });
  await settled();
  tab.model.type(0, 'mine');
  tab.disk = notebook('x', 'theirs');

  await tab.context.save();

  assert.match(tab.text, /has changed since you trusted it/);
});

const CHANGED = [{ path: 'a.ipynb', by: 'anna', at: new Date().toISOString() }];

test('a change that came while the notebook was closed is said with whose it is', async () => {
  const tab = new Tab(notebook('x'), { changed: CHANGED });
  await settled();

  assert.match(
    tab.text,
    /anna changed this notebook at \d\d:\d\d, and it is not trusted/
  );
  await tab.press('Trust…');

  assert.doesNotMatch(tab.text, /not trusted/);
});

test('a change of what is trusted by now is no news', async () => {
  const start = notebook('x');
  const trusted = start.cells.map(it => ({ ...it, metadata: { trusted: true } }));

  const tab = new Tab({ ...start, cells: trusted }, { changed: CHANGED });
  await settled();

  assert.doesNotMatch(tab.text, /not trusted/);
});

test('the end of a share, and of a file, is said', async () => {
  const tab = new Tab(notebook('x'));
  await settled();
  await tab.change(null);
  assert.match(tab.text, /no longer in the folder/);

  const present = [{ name: 'cleo', paths: ['a.ipynb'] }];
  await tab.change(notebook('x'), 5, { present });
  assert.match(tab.text, /cleo has this notebook open/);
  tab.open.leave(state());

  assert.match(tab.text, /^This folder is no longer shared with you,[^.]*\.[^.]*\.$/);
});
