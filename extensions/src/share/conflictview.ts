/** What two people have changed at once: by file and cell, with both texts. */

import { h, type Part, type VNode } from '../dom.js';
import { plural } from '../format.js';
import { icon } from '../icons.js';
import type { CellConflict, Conflict, Folder } from './answer.js';
import { actButton, facts, noteAt, type View } from './parts.js';
import type { Take } from './server.js';
import { named, plain } from './words.js';

const CHOICES: readonly (readonly [Take, string])[] = [
  ['mine', 'Keep mine'],
  ['theirs', 'Take theirs'],
  ['both', 'Keep both']
];

/** All conflicts of a folder. */
export function conflictList(view: View, folder: Folder): VNode {
  const count = folder.conflicts.length;
  return h(
    'section',
    { key: 'conflicts', class: 'cyg-Conflicts', 'aria-label': 'Changed by both' },
    h(
      'p',
      { key: 'title', class: 'cyg-State', role: 'status' },
      icon('warning'),
      h(
        'span',
        { key: 'words' },
        `${plural(count, 'file')} changed by both. Nothing is lost.`
      )
    ),
    ...folder.conflicts.map(it => conflictItem(view, folder, it))
  );
}

function conflictItem(view: View, folder: Folder, conflict: Conflict): VNode {
  const place = `conflict ${folder.share} ${conflict.id}`;
  const { cells } = conflict;
  return h(
    'div',
    {
      key: place,
      class: 'cyg-Conflict',
      role: 'group',
      'aria-label': plain(conflict.path)
    },
    h('h5', { key: 'path' }, named(conflict.path)),
    cells.length === 0 && fileLine(conflict),
    cells.length === 0 && choices(view, folder, conflict, null, place),
    ...cells.map((cell, index) => cellConflict(view, folder, conflict, cell, index)),
    h(
      'div',
      { key: 'done', class: 'cyg-Row' },
      actButton(
        view,
        place,
        'Leave it as it is',
        { type: 'dismiss', folder, conflict: conflict.id },
        { title: 'Takes this off the list and changes nothing' }
      )
    ),
    noteAt(view, place)
  );
}

function fileLine({ other, kind }: Conflict): VNode {
  return other === null
    ? facts('kind', plain(kind))
    : facts('kind', 'The other version is in ', named(other), '.');
}

function cellConflict(
  view: View,
  folder: Folder,
  conflict: Conflict,
  cell: CellConflict,
  index: number
): VNode {
  const name = cell.id ?? String(index);
  const place = `conflict ${folder.share} ${conflict.id} ${name}`;
  const label = `Cell ${index + 1} of ${conflict.cells.length}: ${plain(cell.kind)}`;
  return h(
    'div',
    { key: place, class: 'cyg-Conflict-cell', role: 'group', 'aria-label': label },
    facts('kind', label),
    h(
      'div',
      { key: 'texts', class: 'cyg-Both' },
      side('Mine', cell.mine),
      side('Theirs', cell.theirs)
    ),
    // A cell without an id cannot be named; the file as a whole can.
    (cell.id !== null || index === 0) &&
      choices(view, folder, conflict, cell.id, place),
    noteAt(view, place)
  );
}

function side(title: string, source: string | null): VNode {
  return h(
    'figure',
    { key: title, class: 'cyg-Side' },
    h('figcaption', { key: 'title', class: 'cyg-Dim' }, title),
    source === null
      ? h('p', { key: 'none', class: 'cyg-Dim' }, 'Deleted')
      : sourceText(title, source)
  );
}

/** A text as it was written, scrolled where it is long. */
export function sourceText(label: string, source: string): VNode {
  return h(
    'pre',
    { key: 'text', class: 'cyg-Source', tabindex: 0, 'aria-label': label, dir: 'auto' },
    plainLines(source)
  );
}

function plainLines(source: string): string {
  return source
    .split(/\r\n|\r|\n/)
    .map(line => line.split('\t').map(plain).join('\t'))
    .join('\n');
}

function choices(
  view: View,
  folder: Folder,
  conflict: Conflict,
  cell: string | null,
  place: string
): Part {
  const buttons = CHOICES.map(([take, label]) =>
    h(
      'span',
      { key: take },
      actButton(
        view,
        place,
        label,
        { type: 'resolve', folder, choice: { conflict: conflict.id, cell, take } },
        { 'data-focus': `${place} ${take}` }
      )
    )
  );
  return h('div', { key: 'choices', class: 'cyg-Row' }, ...buttons);
}
