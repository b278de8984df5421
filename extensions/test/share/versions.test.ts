import '../lab/page.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { only } from '../page.js';
import { Panel } from './panel.js';
import { folder, StandIn, settled, share, state } from './stand.js';

const mine = share({
  id: 3,
  title: 'plots',
  owner: 'ben',
  is_mine: true,
  right: 'own'
});
const own = folder({
  share: 3,
  place: 'plots',
  title: 'plots',
  owner: 'ben',
  is_mine: true
});

/** The panel at the versions of `mine`, of which the older one is open. */
async function atVersions(): Promise<Panel> {
  const at = new Date(2026, 10, 27, 18, 0).toISOString();
  const version = { published_at: at, files: 2, bytes: 10, note: '' };
  const snapshots = [
    { ...version, seq: 5, name: '', published_by: 'anna' },
    { ...version, seq: 2, name: 'as handed in', published_by: 'ben' }
  ];
  const cell = { cell_type: 'code', source_from: 'old', source_to: 'new' };
  const compare = 'GET shares/3/compare?from=0&to=2';
  const stand = new StandIn({
    'GET shares/3/versions': { snapshots },
    [compare]: { entries: [{ path: 'a.ipynb', kind: 'changed' }] },
    [`${compare}&path=a.ipynb`]: {
      kind: 'notebook',
      cells: [
        { ...cell, kind: 'changed' },
        { ...cell, kind: 'same' }
      ]
    }
  });
  const panel = new Panel(state({ mine: [mine], folders: [own] }), stand);
  await panel.press('Versions');
  panel.body.querySelectorAll<HTMLElement>('.cyg-Version .cyg-Disclosure')[1]?.click();
  await settled();
  return panel;
}

test('versions say when and by whom, and are compared by cell', async () => {
  const panel = await atVersions();

  assert.match(panel.text, /27 Nov, 18:00 by anna|Nov 27, 18:00 by anna/);
  assert.match(panel.text, /as handed in.*by you/);
  await panel.press('Show changes');

  assert.equal(only(panel.body, 'pre', 'Before').textContent, 'old');
  assert.equal(only(panel.body, 'pre', 'After').textContent, 'new');
});

test('one file of a version, or all, are restored', async () => {
  const panel = await atVersions();

  await panel.press('Restore this file');
  await panel.press('Restore all');
  assert.match(panel.text, /What is there now stays in the versions/);
  await panel.press('Restore all');

  const restored = panel.stand.sent.filter(it => it.call === 'POST shares/3/restore');
  assert.deepEqual(
    restored.map(it => it.body),
    [
      { seq: 2, paths: ['a.ipynb'] },
      { seq: 2, paths: null }
    ]
  );
});

test('a version is copied, and a copy says where it came from', async () => {
  const panel = await atVersions();
  panel.stand.answers['POST shares/3/clone'] = { place: 'plots (copy)' };

  await panel.press('Make a copy');

  const sent = panel.stand.sent.at(-1);
  assert.deepEqual(sent, { call: 'POST shares/3/clone', body: { seq: 2 } });
  assert.deepEqual(panel.gone, ['plots (copy)']);
});

test('an open folder that is a copy says of what', async () => {
  const at = new Date(2026, 10, 28, 10, 41).toISOString();
  const origin = { share: 7, seq: 3, title: '<b>x</b>\u202e', owner: 'anna', at };
  const stand = new StandIn({ 'GET origin': { origin } });
  const place = 'x (copy)';
  const panel = new Panel(state(), stand, { place, title: place });

  panel.model.arrive();
  await settled();

  assert.deepEqual(panel.stand.calls, ['GET origin?place=x+%28copy%29']);
  assert.match(panel.text, /Copy of “<b>x<\/b>\ufffd” by anna, version 3, 10:41/);
});

test('a copy that was on its way says so when it is whole', async () => {
  const origin = { share: 7, seq: 3, title: 'flights', owner: 'anna', at: '' };
  const stand = new StandIn({ 'GET origin': { origin: null } });
  const place = 'flights (copy)';
  const panel = new Panel(state(), stand, { place, title: place });
  panel.model.absorb(state({ folders: [folder({ place, is_copy: true })] }));
  panel.model.arrive();
  await settled();
  stand.answers['GET origin'] = { origin };

  panel.model.absorb(state());
  await settled();

  assert.match(panel.text, /Copy of “flights” by anna, version 3/);
});

test('a version gets a name, and Back leads to the lists', async () => {
  const panel = await atVersions();
  const form = only(panel.body, 'form', 'Name this version');
  (form.querySelector('input') as HTMLInputElement).value = 'kept';

  form.dispatchEvent(new Event('submit', { cancelable: true }));
  await settled();

  const named = panel.stand.sent.find(it => it.call === 'PUT shares/3/versions/2');
  assert.deepEqual(named?.body, { name: 'kept' });
  await panel.press('Back');
  assert.ok(only(panel.body, 'section', 'Shared by me'));
});
