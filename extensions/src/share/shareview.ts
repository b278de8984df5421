/** The items of the two lists: what is shared with the user, and by them. */

import { disclosure } from '../disclosure.js';
import { h, type Part, type VNode } from '../dom.js';
import { plural } from '../format.js';
import type { Detail, Folder, Grant, Share } from './answer.js';
import { folderLines } from './folderview.js';
import {
  actButton,
  address,
  askButton,
  button,
  facts,
  noteAt,
  pageLink,
  type View,
  viewerOf
} from './parts.js';
import { audienceWords, extent, named, plain, rightWords, when, who } from './words.js';

/** A share of another person. */
export function otherItem(view: View, share: Share): VNode {
  const { state, now } = view.shown;
  const place = `share ${share.id}`;
  const folder = folderOf(view, share);
  return item(
    share,
    `${plain(share.title)}, by ${plain(share.owner)}`,
    heading(share),
    facts(
      'about',
      'by ',
      named(share.owner),
      ` · ${rightWords(share.right)} · ${extent(share.files, share.bytes)}`
    ),
    changeLine(view, share),
    share.expires !== null &&
      facts('until', `Shared until ${when(share.expires, now)}.`),
    ...(folder === undefined ? [] : folderLines(view, folder)),
    folder === undefined &&
      facts(
        'brings',
        share.head === 0
          ? 'Nothing has been saved in it yet.'
          : `“Open here” brings ${extent(share.files, share.bytes)} to your files.`
      ),
    h(
      'div',
      { key: 'actions', class: 'cyg-Row' },
      folder === undefined
        ? actButton(view, place, 'Open here', { type: 'open', share: share.id })
        : folderButton(view, place, folder),
      pageLink(`${place} view`, 'View', viewerOf(state.me, share)),
      actButton(view, place, 'Make a copy', {
        type: 'clone',
        share: share.id,
        seq: null
      }),
      button(`${place} versions`, 'Versions', () => view.actions.versions(share.id)),
      folder !== undefined &&
        askButton(
          view,
          place,
          'Stop following',
          `The shared files are removed from ${plain(folder.place)}. Files of your own stay.`,
          { type: 'leave', folder }
        )
    ),
    noteAt(view, place)
  );
}

/** A share of the user. */
export function ownItem(view: View, share: Share): VNode {
  const part = `people ${share.id}`;
  const isOpen = view.shown.opened.has(part);
  const place = `share ${share.id}`;
  const id = `cyg-people-${share.id}`;
  const folder = folderOf(view, share);
  const { actions } = view;
  const { state } = view.shown;
  return item(
    share,
    plain(share.title),
    h(
      'div',
      { key: 'head', class: 'cyg-Share-head' },
      disclosure(part, `Who may see ${plain(share.title)}`, isOpen, id, actions.toggle),
      heading(share)
    ),
    facts('about', extent(share.files, share.bytes)),
    changeLine(view, share),
    ...(folder === undefined ? [] : folderLines(view, folder)),
    isOpen && people(view, share, id),
    h(
      'div',
      { key: 'actions', class: 'cyg-Row' },
      folder !== undefined && folderButton(view, place, folder),
      folder !== undefined &&
        state.me?.several === true &&
        button(`${place} change`, share.is_shared ? 'Change' : 'Share', () =>
          actions.share({ place: folder.place, title: share.title })
        ),
      button(`${place} versions`, 'Versions', () => actions.versions(share.id)),
      pageLink(`${place} view`, 'View', viewerOf(state.me, share)),
      share.is_shared && linkButton(view, share),
      endButton(view, share)
    ),
    noteAt(view, place)
  );
}

function item(share: Share, label: string, ...parts: Part[]): VNode {
  return h(
    'li',
    { key: `share-${share.id}`, class: 'cyg-Share' },
    h('article', { key: 'item', 'aria-label': label }, ...parts)
  );
}

function heading(share: Share): VNode {
  return h('h4', { key: 'title' }, named(share.title));
}

function changeLine({ shown }: View, share: Share): Part {
  if (share.changed_at === null) {
    return null;
  }
  const me = shown.state.me?.name ?? '';
  const by = share.changed_by === null ? '' : ` by ${who(share.changed_by, me)}`;
  return facts('changed', `Changed ${when(share.changed_at, shown.now)}${by}`);
}

/** The way to a folder, or back to the user's files for one that they have removed. */
function folderButton(view: View, place: string, folder: Folder): VNode {
  const { actions } = view;
  if (folder.phase === 'stopped' && folder.is_missing) {
    const { share } = folder;
    return actButton(view, place, 'Bring it back', { type: 'open', share });
  }
  const key = `go ${folder.share} ${folder.place}`;
  return button(key, 'Show files', () => actions.go(folder.place), {
    title: plain(folder.place)
  });
}

function linkButton({ shown, actions }: View, share: Share): Part {
  const link = address(shown.state.me, 'versions', share.id);
  const place = `share ${share.id}`;
  return (
    link !== null &&
    button(`${place} link`, 'Copy link', () => actions.copyLink(place, link))
  );
}

function endButton(view: View, share: Share): VNode {
  const place = `share ${share.id}`;
  if (share.is_shared) {
    const question =
      'Nobody else sees this folder any more, and it goes from where others have opened it. What they have copied stays with them. Its versions stay with you.';
    return askButton(view, place, 'End sharing', question, {
      type: 'unshare',
      share: share.id
    });
  }
  const question =
    'All versions of this folder are deleted. The files in the folder stay.';
  return askButton(view, place, 'Stop keeping versions', question, {
    type: 'end',
    share: share.id
  });
}

function folderOf({ shown }: View, share: Share): Folder | undefined {
  return shown.state.folders.find(
    it => it.share === share.id && it.phase !== 'ended' && !it.is_copy
  );
}

/** Who may see a share, who has opened it, and who is in it now. */
function people(view: View, share: Share, id: string): VNode {
  const detail = view.shown.details.get(share.id);
  return h(
    'div',
    { key: 'people', id, class: 'cyg-People' },
    ...(detail === undefined
      ? [facts('loading', 'One moment…')]
      : [
          grantList(view, share, detail.grants),
          openedLine(view, detail),
          presentLine(view, detail)
        ])
  );
}

/** The rights that others have, each with a button that takes it back. */
export function grantList(view: View, share: Share, grants: readonly Grant[]): VNode {
  if (grants.length === 0) {
    return facts('nobody', 'Nobody but you sees this folder.');
  }
  const rows = grants.map(grant => {
    const { audience, principal, expires } = grant;
    const key = `grant ${share.id} ${audience} ${principal}`;
    const until = expires === null ? '' : ` until ${when(expires, view.shown.now)}`;
    return h(
      'li',
      { key, class: 'cyg-Grant' },
      h(
        'span',
        { key: 'who', class: 'cyg-Grant-who' },
        named(audienceWords(grant)),
        h(
          'span',
          { key: 'may', class: 'cyg-Dim' },
          `${rightWords(grant.right)}${until}`
        )
      ),
      askButton(
        view,
        key,
        'Remove',
        `${audienceWords(grant)} sees this folder no more. What was copied stays.`,
        { type: 'revoke', share: share.id, of: { audience, principal } },
        { 'aria-label': `Remove ${audienceWords(grant)}` }
      ),
      noteAt(view, key)
    );
  });
  return h(
    'ul',
    { key: 'grants', class: 'cyg-List', 'aria-label': 'Who may see it' },
    ...rows
  );
}

function openedLine({ shown }: View, { opened }: Detail): Part {
  if (opened.length === 0) {
    return facts('opened', 'Nobody has opened it yet.');
  }
  const rows = opened.slice(0, 50).map(it => {
    const seen = it.seen_at === null ? '' : `, seen ${when(it.seen_at, shown.now)}`;
    return h(
      'li',
      { key: `opened ${it.name}` },
      named(it.name),
      h('span', { key: 'at', class: 'cyg-Dim' }, ` version ${it.seq}${seen}`)
    );
  });
  return h(
    'div',
    { key: 'opened' },
    facts(
      'title',
      `Opened by ${plural(opened.length, 'person').replace('persons', 'people')}`
    ),
    h(
      'ul',
      { key: 'list', class: 'cyg-List', 'aria-label': 'Who has opened it' },
      ...rows
    )
  );
}

function presentLine({ shown }: View, detail: Detail): Part {
  const present = detail.present.filter(it => it.name !== shown.state.me?.name);
  if (present.length === 0) {
    return null;
  }
  const rows = present
    .slice(0, 50)
    .map(it =>
      h(
        'li',
        { key: `present ${it.name}` },
        named(it.name),
        h(
          'span',
          { key: 'paths', class: 'cyg-Dim' },
          ` ${it.paths.map(plain).join(', ')}`
        )
      )
    );
  return h(
    'div',
    { key: 'present' },
    facts('title', 'In it now'),
    h(
      'ul',
      { key: 'list', class: 'cyg-List', 'aria-label': 'Who is in it now' },
      ...rows
    )
  );
}
