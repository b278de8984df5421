import '../lab/page.js';

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { Signal } from '@lumino/signaling';
import type { Widget as Tab } from '@lumino/widgets';

import type { SharingState } from '../../src/share/answer.js';
import { Understood } from '../../src/share/understood.js';
import { textOf } from '../page.js';
import { FakeModel } from './model.js';
import { folder, StandIn, settled, share, state } from './stand.js';

const { BoxPanel, Widget } = await import('@lumino/widgets');
const { Documents } = await import('../../src/share/documents.js');

const PLACE = 'Shared/anna/flights';
const FILE = { cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 };
const FOLLOWS = state({ others: [share()], folders: [folder({ right: 'edit' })] });

/** Stands in for JupyterLab's context of a file that never changes on disk. */
class FakeContext {
  localPath = `${PLACE}/a.ipynb`;
  readonly isReady = true;
  readonly ready = Promise.resolve();
  readonly saveState = new Signal<this, string>(this);
  readonly model = new FakeModel(FILE);
  readonly contentsModel = { hash: '1' };
  saves = 0;

  get path(): string {
    return this.localPath;
  }

  readonly save: () => Promise<void> = async () => {
    this.saves += 1;
  };
}

/** Tabs with one file. */
class Desk {
  readonly context = new FakeContext();
  readonly tabs: Tab[] = [];
  readonly stand = new StandIn();
  readonly documents: InstanceType<typeof Documents>;
  looks = 0;

  constructor() {
    const get = async (): Promise<object> => {
      this.looks += 1;
      return { hash: '1' };
    };
    const nowhere = { getItem: () => '1', setItem: () => undefined };
    const manager = { contextForWidget: () => this.context };
    this.documents = new Documents(manager as never, () => this.tabs, {
      server: this.stand.server,
      contents: { get } as never,
      understood: new Understood(nowhere, '/'),
      open: () => undefined,
      trust: () => undefined
    });
  }

  add(): Tab {
    const tab = Object.assign(new Widget(), { contentHeader: new BoxPanel() });
    tab.disposed.connect(() => this.tabs.splice(this.tabs.indexOf(tab), 1));
    this.tabs.push(tab);
    return tab;
  }

  async show(next: SharingState): Promise<readonly string[]> {
    this.documents.update(next);
    await settled();
    return this.tabs.map(it => {
      const { contentHeader } = it as Tab & { contentHeader: Tab };
      return textOf(
        (contentHeader as InstanceType<typeof BoxPanel>).widgets[0]?.node ?? it.node
      );
    });
  }
}

mock.timers.enable({ apis: ['setInterval'] });

test('two views of a file have a bar each, and save once in one way', async () => {
  const desk = new Desk();
  const [first, second] = [desk.add(), desk.add()];
  const bars = await desk.show(FOLLOWS);
  assert.deepEqual(bars, Array(2).fill('Shared by anna, can edit.'));
  desk.looks = 0;

  await desk.context.save();
  assert.deepEqual([desk.looks, desk.context.saves], [1, 1]);
  first.dispose();
  await desk.context.save();
  assert.deepEqual([desk.looks, desk.context.saves], [2, 2]);

  second.dispose();
  await desk.context.save();
  assert.deepEqual([desk.looks, desk.context.saves], [2, 3]);
});

const OVER = /no longer shared with you/;

test('the end of a share is said where it is sure', async () => {
  const desk = new Desk();
  desk.add();
  await desk.show(FOLLOWS);

  assert.match((await desk.show(state()))[0] ?? '', OVER);
  assert.match((await desk.show(state({ sentence: 'Away.' })))[0] ?? '', OVER);
  assert.doesNotMatch((await desk.show(FOLLOWS))[0] ?? '', OVER);
});

const own = folder({ is_mine: true, right: 'own' });
for (const [name, before, after, path] of [
  ['a folder that was moved', FOLLOWS, state({ others: [share()] }), 'b/a.ipynb'],
  ['an own folder', state({ folders: [own] }), state(), ''],
  ['a server that has started', FOLLOWS, state({ is_listed: false }), ''],
  ['a service that is away', FOLLOWS, state({ sentence: 'Away since 10:41.' }), ''],
  ['a file that was moved out', FOLLOWS, state(), 'b/a.ipynb']
] as const) {
  test(`${name} takes the bar away, and says nothing of an end`, async () => {
    const desk = new Desk();
    desk.add();
    await desk.show(before);
    desk.context.localPath = path || desk.context.localPath;

    assert.deepEqual(await desk.show(after), ['']);

    desk.looks = 0;
    await desk.context.save();
    assert.deepEqual([desk.looks, desk.context.saves], [0, 1]);
  });
}
