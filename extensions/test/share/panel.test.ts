import '../lab/page.js';

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SharingState } from '../../src/share/answer.js';
import { byName, only, textOf } from '../page.js';
import { Panel } from './panel.js';
import { folder, Refusal, StandIn, settled, share, state } from './stand.js';

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

test('empty lists say how they are filled', () => {
  const panel = new Panel(state());

  const section = only(panel.body, 'section', 'Shared with me');
  assert.match(textOf(section), /What others share appears here/);
  assert.match(panel.text, /Right-click a folder in the file browser/);
  assert.match(panel.text, /Open a folder in the file browser to share it/);
});

test('one person alone keeps versions, and reads what sharing needs', async () => {
  const me = { ...state().me, several: false } as SharingState['me'];
  const plots = { place: 'plots', title: 'plots' };
  const panel = new Panel(
    state({ me }),
    new StandIn({ 'POST shares': { id: 1 } }),
    plots
  );

  assert.match(panel.text, /Sharing with others needs Cygnet on Kubernetes/);
  assert.deepEqual(byName(panel.body, 'button', 'Share…'), []);
  assert.deepEqual(byName(panel.body, 'section', 'Shared with me'), []);
  await panel.press('Keep versions');

  assert.deepEqual(panel.stand.sent, [{ call: 'POST shares', body: plots }]);
  assert.match(panel.text, /Each saved state of “plots” is kept from now on/);
});

test('one person alone who asks to share is led to what works', async () => {
  const me = { ...state().me, several: false } as SharingState['me'];
  const plots = { place: 'plots', title: 'plots' };
  const panel = new Panel(state({ me }), new StandIn({ 'POST shares': { id: 3 } }));

  panel.model.share(plots);
  await settled();

  assert.equal(panel.body.querySelector('form'), null);
  assert.match(panel.text, /You are the only user here\. Sharing with others needs/);
  assert.equal(textOf(document.activeElement), 'Back');
  await panel.press('Keep versions');
  assert.deepEqual(panel.stand.sent, [{ call: 'POST shares', body: plots }]);

  panel.model.absorb(state({ me, mine: [mine], folders: [own] }));
  assert.deepEqual(byName(panel.body, 'button', 'Keep versions'), []);
  assert.match(panel.text, /Each saved state of “plots” is kept from now on/);
  await panel.press('Versions');
  assert.match(panel.text, /Versions of plots/);
});

test('what is shared with me says whose, how much, when, and what opening brings', async () => {
  const stand = new StandIn({ 'POST shares/7/open': { place: 'Shared/anna/flights' } });
  const panel = new Panel(state({ others: [share()] }), stand);

  const item = only(panel.body, 'article', 'flights, by anna');
  assert.match(
    textOf(item),
    /by anna · can view · 12 files, 3.2 MB.*Changed 10:41 by anna.*“Open here” brings 12 files, 3.2 MB/
  );
  const view = item.querySelector('a');
  assert.equal(view?.href, 'https://hub.example.org/services/share/view/7/3/');
  assert.equal(view?.rel, 'noopener noreferrer');
  await panel.press('Open here');

  assert.deepEqual(stand.calls, ['POST shares/7/open']);
  assert.deepEqual(panel.gone, ['Shared/anna/flights']);
});

test('a folder that was removed is brought back', async () => {
  const gone = folder({ phase: 'stopped', is_missing: true });
  const place = gone.place;
  for (const [name, is_mine] of [
    ['flights, by anna', false],
    ['flights', true]
  ] as const) {
    const stand = new StandIn({ 'POST shares/7/open': { place } });
    const it = share({ is_mine });
    const lists = is_mine ? { mine: [it] } : { others: [it] };
    const panel = new Panel(state({ ...lists, folders: [gone] }), stand);

    const article = only(panel.body, 'article', name);
    assert.doesNotMatch(textOf(article), /Show files|Open here/);
    await panel.press('Bring it back');

    assert.deepEqual(stand.calls, ['POST shares/7/open']);
  }
});

test('what the server refuses stands where it was asked for', async () => {
  const message = 'Your home would be too full.';
  const stand = new StandIn({ 'POST shares/7/open': new Refusal(507, { message }) });
  const panel = new Panel(state({ others: [share()] }), stand);

  await panel.press('Open here');

  const note = only(panel.body, 'article', 'flights, by anna').querySelector(
    '[role=status]'
  );
  assert.equal(textOf(note), message);
});

test('words of others are text, and turn no other words around', () => {
  const title = '<img src=x onerror=alert(1)>\u202etxt.exe';
  const panel = new Panel(
    state({ others: [share({ title, owner: '\u2067a' })], folders: [] })
  );

  assert.equal(panel.body.querySelector('img'), null);
  assert.match(panel.text, /<img src=x onerror=alert\(1\)>\ufffdtxt\.exe/);
  assert.doesNotMatch(panel.body.innerHTML, /[\u202a-\u202e\u2066-\u2069]/);
});

for (const pages of ['javascript:alert(1)//', 'ftp://thief.example/', '']) {
  test(`a page of the service at “${pages}” has no link`, () => {
    const me = { ...state().me, pages } as SharingState['me'];

    const panel = new Panel(state({ me, others: [share()] }));

    assert.equal(panel.body.querySelector('a'), null);
  });
}

test('of hundreds of shares some are shown, and a filter finds the others', async () => {
  const others = Array.from({ length: 400 }, (_, id) =>
    share({ id: id + 1, title: `data ${id + 1}` })
  );
  const panel = new Panel(state({ others }));
  const titles = (): number => panel.body.querySelectorAll('article').length;

  assert.equal(titles(), 30);
  await panel.press('Show 30 more of 370');
  assert.equal(titles(), 60);
  await panel.type('Filter by title or owner', 'DATA 399');

  assert.equal(titles(), 1);
  await panel.type('Filter by title or owner', 'zzz');
  assert.match(panel.text, /Nothing here has these letters in it/);
});

test('ending a share asks in a line first, and Escape takes the question back', async () => {
  const grants = [
    { audience: 'user', principal: 'anna', right: 'view', expires: null },
    { audience: 'everyone', principal: '', right: 'view', expires: null }
  ];
  const stand = new StandIn({ 'GET shares/3': { grants } });
  const panel = new Panel(state({ mine: [mine], folders: [own] }), stand);

  await panel.press('End sharing');
  assert.match(panel.text, /What they have copied stays with them/);
  assert.equal(textOf(document.activeElement), 'Cancel');
  assert.equal(panel.model.back(), true);
  assert.equal(textOf(document.activeElement), 'End sharing');
  assert.deepEqual(stand.sent, []);

  await panel.press('End sharing');
  await panel.press('End sharing');
  assert.deepEqual(stand.calls, [
    'GET shares/3',
    'DELETE shares/3/grants?audience=user&principal=anna',
    'DELETE shares/3/grants?audience=everyone&principal='
  ]);
});

test('the owner sees who may, who has opened it and who is in it', async () => {
  const detail = {
    grants: [{ audience: 'group', principal: 'physics', right: 'edit', expires: null }],
    opened: [
      { name: 'anna', seq: 2, seen_at: new Date(2026, 10, 28, 9, 5).toISOString() }
    ],
    present: [
      { name: 'anna', paths: ['a.ipynb'] },
      { name: 'ben', paths: ['b.ipynb'] }
    ]
  };
  const panel = new Panel(
    state({ mine: [mine], folders: [own] }),
    new StandIn({ 'GET shares/3': detail })
  );

  await panel.press('Who may see plots');

  assert.match(panel.text, /Group physics ?can edit/);
  assert.match(panel.text, /Opened by 1 person ?anna version 2, seen 09:05/);
  assert.match(panel.text, /In it now ?anna a\.ipynb/);
  assert.doesNotMatch(panel.text, /b\.ipynb/);
  await panel.press('Remove Group physics');
  await panel.press('Remove', 0);
  assert.ok(
    panel.stand.calls.includes(
      'DELETE shares/3/grants?audience=group&principal=physics'
    )
  );
});

for (const [more, words] of [
  [{ phase: 'follows' }, /Up to date/],
  [
    { phase: 'works', waiting: 1, progress: { done_bytes: 2e6, all_bytes: 9e6 } },
    /Sending 2\.0 MB of 9\.0 MB/
  ],
  [
    { phase: 'works', progress: { done_bytes: 0, all_bytes: 9e6 } },
    /Receiving 0 B of 9\.0 MB/
  ],
  [{ phase: 'away', waiting: 3 }, /Sharing is away, 3 saves wait\./],
  [
    { phase: 'stopped', message: 'The disk is full. Delete files.' },
    /The disk is full\. Delete files\./
  ],
  [{ present: [{ name: 'cleo', paths: [] }] }, /cleo is in it now/]
] as const) {
  test(`a folder that is ${JSON.stringify(more)} says so`, () => {
    const panel = new Panel(state({ others: [share()], folders: [folder(more)] }));

    assert.match(textOf(only(panel.body, 'article', 'flights, by anna')), words);
  });
}

test('the service being away is said once for all', () => {
  const sentence = 'Sharing is away since 10:41, 3 saves wait.';

  assert.match(new Panel(state({ sentence })).text, /Sharing is away since 10:41/);
});

test('files that are left out are listed with the reason', async () => {
  const left_out = { 'big.bin': 'is larger than 2 GB' };
  const panel = new Panel(
    state({ others: [share()], folders: [folder({ left_out })] })
  );

  await panel.press('1 file left out');

  assert.match(panel.text, /big\.bin is larger than 2 GB/);
});

test('many deleted files are a question with the files and two answers', async () => {
  const asks = folder({ phase: 'asks', gone: ['a.csv', 'b.csv'], right: 'edit' });
  const panel = new Panel(state({ others: [share()], folders: [asks] }));

  assert.match(
    panel.text,
    /2 files of this folder are gone from your files.*a\.csv ?b\.csv/
  );
  await panel.press('Bring them back');
  await panel.press('Delete for the others, too');

  const key = { share: 7, place: 'Shared/anna/flights' };
  assert.deepEqual(panel.stand.sent, [
    { call: 'POST folders/answer', body: { ...key, is_deletion: false } },
    { call: 'POST folders/answer', body: { ...key, is_deletion: true } }
  ]);
});

test('a conflict shows both texts of each cell, and a click settles it', async () => {
  const cells = [
    {
      id: 'c1',
      kind: 'both changed',
      mine: 'x = 1\ny = 2',
      theirs: '<script>1</script>'
    },
    { id: 'c2', kind: 'deleted here, changed there', mine: null, theirs: 'z' }
  ];
  const conflict = {
    id: 'k',
    path: 'a.ipynb',
    kind: 'both changed',
    other: null,
    cells
  };
  const edited = folder({ right: 'edit', conflicts: [conflict] });
  const panel = new Panel(state({ others: [share()], folders: [edited] }));
  const first = only(panel.body, '[role=group]', 'Cell 1 of 2: both changed');

  assert.equal(only(first, 'pre', 'Mine').textContent, 'x = 1\ny = 2');
  assert.equal(only(first, 'pre', 'Theirs').textContent, '<script>1</script>');
  only(first, 'button', 'Take theirs').click();
  await settled();
  await panel.press('Leave it as it is');

  const key = { share: 7, place: 'Shared/anna/flights', conflict: 'k' };
  assert.deepEqual(panel.stand.sent, [
    { call: 'POST folders/resolve', body: { ...key, cell: 'c1', take: 'theirs' } },
    { call: 'POST folders/dismiss', body: key }
  ]);
});

/** The form for the folder `plots`, and its field for a name. */
async function atForm(): Promise<{
  panel: Panel;
  write: (name: string) => Promise<void>;
}> {
  const stand = new StandIn({
    'POST shares': { id: 9 },
    'GET shares/9': { grants: [] },
    'GET people': { people: [{ name: 'anna' }], groups: ['physics'] }
  });
  const panel = new Panel(state(), stand, { place: 'plots', title: 'plots' });
  await panel.press('Share…');
  const write = async (name: string): Promise<void> => {
    const field = panel.body.querySelector<HTMLInputElement>('#cyg-share-name');
    assert.ok(field);
    field.value = name;
    field.dispatchEvent(new Event('input'));
    await settled();
  };
  return { panel, write };
}

test('the form says beforehand what is shared, and what stays', async () => {
  const { panel } = await atForm();

  assert.match(
    panel.text,
    /The folder plots with all of its files: 4 files, 1\.0 MB\./
  );
  assert.match(
    panel.text,
    /What others have copied stays with them after you end this\./
  );
  assert.equal(document.activeElement?.id, 'cyg-share-name');
});

test('names are offered from two letters on', async () => {
  const { panel, write } = await atForm();

  await write('a');
  await write('an');

  assert.deepEqual(panel.stand.calls, ['GET people?prefix=an']);
  const offered = panel.body.querySelector('datalist option');
  assert.equal(offered?.getAttribute('value'), 'anna');
});

test('sharing a folder makes the share, then grants, and stays in the form', async () => {
  const { panel, write } = await atForm();
  await write('anna');

  const form = panel.body.querySelector('form');
  form?.dispatchEvent(new Event('submit', { cancelable: true }));
  await settled();

  assert.deepEqual(panel.stand.sent.slice(-3), [
    { call: 'POST shares', body: { place: 'plots', title: 'plots' } },
    {
      call: 'PUT shares/9/grants',
      body: { audience: 'user', principal: 'anna', right: 'view', expires: null }
    },
    { call: 'GET shares/9', body: null }
  ]);
  assert.match(panel.text, /anna can view “plots” now\./);
  assert.equal(document.activeElement?.id, 'cyg-share-name');
});

test('a share whose first grant is refused says what it is now', async () => {
  const { panel, write } = await atForm();
  const submit = async (): Promise<void> => {
    const form = panel.body.querySelector('form');
    form?.dispatchEvent(new Event('submit', { cancelable: true }));
    await settled();
  };
  const message = 'There is no user “nobody”.';
  panel.stand.answers['PUT shares/9/grants'] = new Refusal(404, { message });
  await write('nobody');

  await submit();
  assert.match(
    panel.text,
    /no user “nobody”\. Nobody else sees “plots”, and each saved state of it is kept/
  );
  await submit();

  assert.doesNotMatch(panel.text, /each saved state/);
  assert.equal(panel.stand.calls.filter(it => it === 'POST shares').length, 1);
});
