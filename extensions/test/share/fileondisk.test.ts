import '../lab/page.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Signal } from '@lumino/signaling';

import type { NotebookJson } from '../../src/share/notebookchange.js';
import { FakeModel } from './model.js';
import { StandIn, settled } from './stand.js';

const { FileOnDisk } = await import('../../src/share/fileondisk.js');

const PATH = 'Shared/anna/flights/a.txt';

function notebook(...sources: readonly string[]): NotebookJson {
  const cells = sources.map((source, index) => ({
    ...{ id: `c${index}`, cell_type: 'code', source, metadata: {}, outputs: [] }
  }));
  return { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
}

/** Stands in for the model of a text file: like JupyterLab's it says "dirty" of all. */
class FakeText {
  dirty = false;

  constructor(private text: string) {}

  toString(): string {
    return this.text;
  }

  fromString(text: string): void {
    this.text = text;
    this.dirty = true;
  }
}

/** A file that is open, and the same on disk. */
class Opened<M extends FakeText | FakeModel> {
  readonly written: Record<string, unknown> = {};
  readonly stand = new StandIn();
  readonly saveState = new Signal<object, string>(this);
  readonly path = PATH;
  readonly ready = Promise.resolve();
  readonly file: InstanceType<typeof FileOnDisk>;
  contentsModel: { hash: string };
  /** What happens while the file is on its way. */
  meanwhile: () => void = () => undefined;
  isFull = false;

  constructor(
    readonly model: M,
    public disk: unknown
  ) {
    this.contentsModel = this.known();
    const page = {
      server: this.stand.server,
      contents: { get: this.get, save: this.write } as never
    };
    this.file = new FileOnDisk(this as never, page);
  }

  async revert(): Promise<void> {
    const found = structuredClone(this.disk);
    await settled();
    this.meanwhile();
    // JupyterLab asks whether there is content, and an empty text is none.
    if (typeof found === 'string' && found !== '') {
      this.model.fromString(found);
    } else if (found && this.model instanceof FakeModel) {
      this.model.fromJSON(found as NotebookJson);
    }
    this.contentsModel = this.known();
  }

  async save(): Promise<void> {
    this.saveState.emit('started');
    const content =
      this.model instanceof FakeText ? `${this.model}` : this.model.toJSON();
    await settled();
    this.meanwhile();
    this.disk = content;
    this.model.dirty = false;
    this.contentsModel = this.known();
    this.saveState.emit('completed');
  }

  private known(): { hash: string } {
    return { hash: JSON.stringify(this.disk) };
  }

  private readonly get = async (path: string): Promise<object> => {
    if (path !== PATH) {
      throw Object.assign(new Error('no'), { response: { status: 404 } });
    }
    return { ...this.known(), content: this.disk };
  };

  private readonly write = async (path: string, file: { content: unknown }) => {
    if (this.isFull) {
      throw new Error('The disk is full.');
    }
    this.written[path] = file.content;
  };
}

async function openedText(text: string): Promise<Opened<FakeText>> {
  const opened = new Opened(new FakeText(text), text);
  await settled();
  return opened;
}

async function openedNotebook(json: NotebookJson): Promise<Opened<FakeModel>> {
  const opened = new Opened(new FakeModel(json), json);
  await settled();
  return opened;
}

test('what is typed while another version comes stays, and is merged', async () => {
  const opened = await openedNotebook(notebook('x'));
  const theirs = notebook('x', 'theirs');
  opened.disk = theirs;
  opened.meanwhile = () => opened.model.type(0, 'mine');

  assert.equal(await opened.file.take(), false);

  assert.deepEqual(opened.model.toJSON(), notebook('mine'));
  assert.equal(await opened.file.look(), 'other');
  opened.stand.answers['POST merge'] = { notebook: theirs, conflicts: [] };
  await opened.file.merge();
  assert.deepEqual(opened.stand.sent.at(-1)?.body, {
    base: notebook('x'),
    mine: notebook('mine'),
    theirs
  });
  assert.equal(await opened.file.look(), 'same');
});

test('a text that is typed while another version comes stays', async () => {
  const opened = await openedText('x');
  opened.disk = 'theirs';
  opened.meanwhile = () => opened.model.fromString('mine');

  assert.equal(await opened.file.take(), false);

  assert.equal(`${opened.model}`, 'mine');
  assert.equal(await opened.file.look(), 'other');
  await opened.file.merge();
  assert.deepEqual(Object.values(opened.written), ['theirs']);
});

test('who asks for theirs gives up what they had then, and nothing since', async () => {
  const opened = await openedNotebook(notebook('x'));
  opened.model.type(0, 'old');
  opened.disk = notebook('theirs');
  const mine = opened.file.now();

  opened.meanwhile = () => opened.model.type(0, 'new');
  assert.equal(await opened.file.take(mine), false);
  assert.deepEqual(opened.model.toJSON(), notebook('new'));

  assert.equal(await opened.file.take(opened.file.now()), true);
  assert.deepEqual(opened.model.toJSON(), notebook('theirs'));
});

for (const [kind, open, type] of [
  [
    'notebook',
    () => openedNotebook(notebook('x')),
    (it: FakeText | FakeModel) => (it as FakeModel).type(0, 'more')
  ],
  ['text', () => openedText('x'), (it: FakeText | FakeModel) => it.fromString('more')]
] as const) {
  test(`what is typed in a ${kind} during a save is not saved yet`, async () => {
    const opened = await open();
    type(opened.model);
    await opened.save();
    assert.deepEqual([opened.file.isChanged, opened.model.dirty], [false, false]);
    opened.meanwhile = () =>
      opened.model instanceof FakeModel
        ? opened.model.type(0, 'last')
        : opened.model.fromString('last');

    await opened.save();

    assert.deepEqual([opened.file.isChanged, opened.model.dirty], [true, true]);
  });
}

test('a text that was taken has nothing to be saved', async () => {
  const opened = await openedText('x');
  opened.disk = 'theirs';

  assert.equal(await opened.file.take(), true);

  assert.equal(`${opened.model}`, 'theirs');
  assert.deepEqual([opened.file.isChanged, opened.model.dirty], [false, false]);
});

test('a text that another has emptied is empty', async () => {
  const opened = await openedText('x');
  opened.disk = '';

  assert.equal(await opened.file.take(), true);

  assert.equal(`${opened.model}`, '');
  assert.equal(await opened.file.look(), 'same');
});

test('a text is not written over before theirs has its copy', async () => {
  const opened = await openedText('x');
  opened.model.fromString('mine');
  opened.disk = 'theirs';
  opened.isFull = true;

  await assert.rejects(opened.file.merge(), /full/);
  await assert.rejects(opened.file.merge(), /full/);
  opened.isFull = false;
  const found = await opened.file.merge();

  const other = 'Shared/anna/flights/a (new version).txt';
  assert.deepEqual(found, { conflicts: 0, other });
  assert.deepEqual(opened.written, { [other]: 'theirs' });
  assert.equal(await opened.file.merge(), null);
});
