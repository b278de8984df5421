/** The panel: its lists, or the form or the versions in their place. */

import { h, type Part, type VNode } from '../dom.js';
import type { Share } from './answer.js';
import { copyItem } from './folderview.js';
import { ALONE, formView } from './formview.js';
import { actButton, bounded, button, facts, noteAt, type View } from './parts.js';
import { otherItem, ownItem } from './shareview.js';
import { versionsView } from './versionview.js';
import { named, plain, size, when } from './words.js';

/** From how many shares on a filter helps. */
const MANY = 8;

/** From which part of the quota on it is named. */
const MUCH = 0.8;

/** Everything of the panel. */
export function panelView(view: View): readonly Part[] {
  const { page, state } = view.shown;
  const away =
    state.sentence !== '' &&
    h('p', { key: 'away', class: 'cyg-Away', role: 'status' }, plain(state.sentence));
  switch (page.kind) {
    case 'form':
      return [away, ...formView(view, page)];
    case 'versions':
      return [away, ...versionsView(view, page)];
    case 'lists':
      return [away, ...lists(view)];
  }
}

function lists(view: View): readonly Part[] {
  const { state } = view.shown;
  const isAlone = state.me?.several === false;
  const shared = state.mine.filter(it => it.is_shared);
  const kept = state.mine.filter(it => !it.is_shared);
  const count = state.mine.length + state.others.length;
  return [
    isAlone && facts('alone', ALONE),
    here(view, isAlone),
    copies(view),
    count > MANY && filter(view),
    !isAlone &&
      section(view, 'Shared with me', state.others, otherItem, [
        'Nothing is shared with you yet. What others share appears here within seconds.'
      ]),
    !isAlone &&
      section(view, 'Shared by me', shared, ownItem, [
        'You share nothing yet. Right-click a folder in the file browser and choose “Share…”.'
      ]),
    section(view, 'Versions kept', kept, ownItem, [
      'No folder’s versions are kept yet. “Keep versions” keeps each saved state of a folder, to see and restore.'
    ]),
    usage(view)
  ];
}

/** The copies that are on their way. */
function copies(view: View): Part {
  const found = view.shown.state.folders.filter(it => it.is_copy);
  if (found.length === 0) {
    return null;
  }
  return h(
    'section',
    { key: 'copies', class: 'cyg-Section', 'aria-label': 'Copies on their way' },
    h('h3', { key: 'title' }, 'Copies on their way'),
    h('ul', { key: 'list', class: 'cyg-List' }, ...found.map(it => copyItem(view, it)))
  );
}

/** What can be done with the folder in the file browser. */
function here(view: View, isAlone: boolean): VNode {
  const { folder, state } = view.shown;
  if (folder === null) {
    return facts(
      'here',
      'Open a folder in the file browser to ',
      isAlone ? 'keep its versions.' : 'share it or keep its versions.'
    );
  }
  const within = state.folders.find(
    it => it.phase !== 'ended' && contains(it.place, folder.place)
  );
  if (within !== undefined) {
    const isItself = within.place === folder.place;
    return isItself
      ? facts('here', named(folder.title), ' is listed below.')
      : facts('here', named(folder.title), ' is in ', named(within.title), '.');
  }
  return h(
    'div',
    { key: 'here', class: 'cyg-Here', role: 'group', 'aria-label': 'The open folder' },
    h(
      'p',
      { key: 'folder', class: 'cyg-Facts-line' },
      'Open folder: ',
      named(folder.title)
    ),
    originLine(view),
    h(
      'div',
      { key: 'actions', class: 'cyg-Row' },
      !isAlone && button('here share', 'Share…', () => view.actions.share(folder)),
      actButton(view, 'here', 'Keep versions', { type: 'keep', ...folder })
    ),
    noteAt(view, 'here')
  );
}

/** Where the open folder was copied from, in words that are another person's. */
function originLine({ shown: { origin, now } }: View): Part {
  return (
    origin !== null &&
    facts(
      'origin',
      `Copy of “${plain(origin.title)}” by ${plain(origin.owner)}, version ${origin.seq}, ${when(origin.at, now)}`
    )
  );
}

function contains(place: string, path: string): boolean {
  return `${path}/`.startsWith(`${place}/`);
}

function filter({ shown, actions }: View): VNode {
  return h('input', {
    key: 'filter',
    type: 'search',
    class: 'cyg-Input cyg-Filter',
    placeholder: 'Filter by title or owner',
    'aria-label': 'Filter by title or owner',
    'data-focus': 'filter',
    value: shown.letters,
    oninput: event => actions.filter((event.target as HTMLInputElement).value)
  });
}

function section(
  view: View,
  title: string,
  shares: readonly Share[],
  draw: (view: View, share: Share) => VNode,
  empty: readonly [string]
): VNode {
  const letters = view.shown.letters.trim().toLowerCase();
  const found = shares.filter(it =>
    `${it.title}\n${it.owner}`.toLowerCase().includes(letters)
  );
  const isEmpty = found.length === 0;
  return h(
    'section',
    { key: title, class: 'cyg-Section', 'aria-label': title },
    h('h3', { key: 'title' }, title),
    isEmpty &&
      h(
        'p',
        { key: 'empty', class: 'cyg-Note' },
        shares.length === 0 ? empty[0] : 'Nothing here has these letters in it.'
      ),
    ...(isEmpty ? [] : bounded(view, title, found, it => draw(view, it)))
  );
}

function usage({ shown }: View): Part {
  const { me } = shown.state;
  if (me === null || me.quota === 0 || me.bytes < MUCH * me.quota) {
    return null;
  }
  return facts(
    'usage',
    `Your shares and versions take ${size(me.bytes)} of ${size(me.quota)}. Stop keeping versions that you do not need.`
  );
}
