/** The versions of a share: what each brought, and the way back to it. */

import { disclosure } from '../disclosure.js';
import { h, type Part, type VNode } from '../dom.js';
import { plural } from '../format.js';
import type { ChangedCell, ChangedFile, FileDiff, Version } from './answer.js';
import { sourceText } from './conflictview.js';
import {
  actButton,
  address,
  askButton,
  bounded,
  busy,
  button,
  facts,
  noteAt,
  pageLink,
  type View
} from './parts.js';
import { diffKey, type VersionsShown } from './shown.js';
import { extent, named, plain, when, who } from './words.js';

/** The versions, in the place of the lists. */
export function versionsView(view: View, page: VersionsShown): readonly Part[] {
  const { shown, actions } = view;
  const { list } = page;
  return [
    h(
      'div',
      { key: 'back', class: 'cyg-Row' },
      button('back', 'Back', actions.back, { title: 'Back to the lists (Escape)' }),
      pageLink('page', 'As a page', address(shown.state.me, 'versions', page.share))
    ),
    h('h3', { key: 'title' }, 'Versions of ', named(page.title)),
    noteAt(view, 'versions'),
    ...(list === null
      ? [facts('loading', shown.notes.has('versions') ? '' : 'One moment…')]
      : list.length === 0
        ? [
            facts(
              'none',
              'There is no version yet. One is made whenever a file is saved.'
            )
          ]
        : bounded(view, 'Versions', list, it => versionItem(view, page, it)))
  ];
}

function versionItem(view: View, page: VersionsShown, version: Version): VNode {
  const { shown, actions } = view;
  const part = `version ${version.seq}`;
  const id = `cyg-version-${version.seq}`;
  const isOpen = shown.opened.has(part);
  const title = when(version.published_at, shown.now);
  const by = who(version.published_by, shown.state.me?.name ?? '');
  return h(
    'li',
    { key: part, class: 'cyg-Version' },
    h(
      'div',
      { key: 'head', class: 'cyg-Share-head' },
      disclosure(part, `Version of ${title}`, isOpen, id, () => {
        actions.toggle(part);
        if (!isOpen) {
          actions.compare(version.seq, null);
        }
      }),
      h(
        'div',
        { key: 'words', class: 'cyg-Version-words' },
        version.name !== '' && h('strong', { key: 'name' }, named(version.name)),
        h('span', { key: 'when' }, `${title} by `, h('bdi', { key: 'by' }, by)),
        version.note !== '' &&
          h('span', { key: 'note', class: 'cyg-Dim' }, named(version.note))
      )
    ),
    isOpen && versionBody(view, page, version, id)
  );
}

function versionBody(
  view: View,
  page: VersionsShown,
  version: Version,
  id: string
): VNode {
  const { state } = view.shown;
  const key = { share: page.share, seq: version.seq };
  const place = `version ${version.seq}`;
  const isNewest = page.list?.[0]?.seq === version.seq;
  const canEdit = rightOf(view, page.share) !== 'view';
  return h(
    'div',
    { key: 'body', id, class: 'cyg-Version-body' },
    facts('extent', extent(version.files, version.bytes)),
    changes(view, page, version, canEdit && !isNewest),
    h(
      'div',
      { key: 'actions', class: 'cyg-Row' },
      pageLink(
        `${place} view`,
        'View',
        address(state.me, 'view', page.share, version.seq, '')
      ),
      actButton(view, place, 'Make a copy', { type: 'clone', ...key }),
      canEdit &&
        !isNewest &&
        askButton(
          view,
          place,
          'Restore all',
          'All files become as they were then, as a new version. What is there now stays in the versions.',
          { type: 'restore', version: key, paths: null }
        )
    ),
    canEdit && nameForm(view, version, place, page.share),
    noteAt(view, place)
  );
}

function rightOf({ shown }: View, share: number): string {
  const { mine, others } = shown.state;
  return [...mine, ...others].find(it => it.id === share)?.right ?? 'view';
}

function nameForm(view: View, version: Version, place: string, share: number): VNode {
  const id = `cyg-name-${version.seq}`;
  return h(
    'form',
    {
      key: 'name',
      class: 'cyg-Field cyg-Field-row',
      'aria-label': 'Name this version',
      onsubmit: event => {
        event.preventDefault();
        const field = (event.target as HTMLFormElement).querySelector('input');
        const name = field?.value.trim() ?? '';
        view.actions.act(place, {
          type: 'name',
          version: { share, seq: version.seq },
          name
        });
      }
    },
    h('input', {
      key: `input ${version.name}`,
      id,
      type: 'text',
      class: 'cyg-Input',
      value: version.name,
      maxlength: 120,
      placeholder: 'A name keeps it for good',
      'aria-label': 'Name of this version',
      'data-focus': `${place} field`,
      dir: 'auto'
    }),
    h(
      'button',
      {
        key: 'submit',
        type: 'submit',
        class: 'cyg-Button',
        'data-focus': `${place} name`,
        ...busy(view.shown, place)
      },
      'Name'
    )
  );
}

function changes(
  view: View,
  page: VersionsShown,
  version: Version,
  canRestore: boolean
): VNode {
  const found = page.changes.get(version.seq);
  if (found === undefined) {
    return facts('changes', 'One moment…');
  }
  if (found.length === 0) {
    return facts('changes', 'No file differs from the version before.');
  }
  return h(
    'div',
    { key: 'changes' },
    facts('title', `${plural(found.length, 'file')} changed with it`),
    ...bounded(view, `Files of version ${version.seq}`, found, it =>
      changedFile(view, page, version, it, canRestore)
    )
  );
}

const KINDS: Readonly<Record<ChangedFile['kind'], string>> = {
  added: 'new',
  removed: 'deleted',
  changed: 'changed',
  moved: 'moved'
};

function changedFile(
  view: View,
  page: VersionsShown,
  version: Version,
  file: ChangedFile,
  canRestore: boolean
): VNode {
  const { seq } = version;
  const place = `file ${diffKey(seq, file.path)}`;
  const isThere = file.kind !== 'removed';
  const link = address(view.shown.state.me, 'view', page.share, seq, file.path);
  return h(
    'li',
    { key: place, class: 'cyg-Changed' },
    named(file.path),
    h('span', { key: 'kind', class: 'cyg-Dim' }, movedWords(file)),
    h(
      'div',
      { key: 'actions', class: 'cyg-Row' },
      isThere && pageLink(`${place} view`, 'View', link),
      file.kind === 'changed' && diffButton(view, seq, file.path),
      canRestore &&
        isThere &&
        actButton(view, place, 'Restore this file', {
          type: 'restore',
          version: { share: page.share, seq },
          paths: [file.path]
        })
    ),
    view.shown.opened.has(diffPart(seq, file.path)) &&
      diffView(page.diffs.get(diffKey(seq, file.path))),
    noteAt(view, place)
  );
}

function diffPart(seq: number, path: string): string {
  return `diff ${diffKey(seq, path)}`;
}

function diffButton({ shown, actions }: View, seq: number, path: string): VNode {
  const part = diffPart(seq, path);
  const isOpen = shown.opened.has(part);
  const onclick = (): void => {
    actions.toggle(part);
    if (!isOpen) {
      actions.compare(seq, path);
    }
  };
  return button(part, isOpen ? 'Hide changes' : 'Show changes', onclick, {
    'aria-expanded': String(isOpen)
  });
}

function movedWords({ kind, from_path: from }: ChangedFile): string {
  return kind === 'moved' && from !== null
    ? ` moved from ${plain(from)}`
    : ` ${KINDS[kind]}`;
}

/** What changed in a file: for a notebook by cell, before and after. */
function diffView(diff: FileDiff | undefined): VNode {
  if (diff === undefined) {
    return facts('diff', 'One moment…');
  }
  if (diff.kind === 'binary') {
    return facts('diff', 'This is no text. View it to see what is in it.');
  }
  const cells = diff.cells.filter(it => it.kind !== 'same' || it.is_output_changed);
  if (cells.length === 0) {
    return facts('diff', 'Its text is the same.');
  }
  return h(
    'div',
    { key: 'diff', class: 'cyg-Diff', role: 'group', 'aria-label': 'Changes' },
    ...cells.slice(0, 100).map((it, index) => changedCell(it, index, diff.kind))
  );
}

function changedCell(cell: ChangedCell, index: number, kind: string): VNode {
  const { source_from: from, source_to: to } = cell;
  const noun = kind === 'notebook' ? `${plain(cell.cell_type ?? 'code')} cell` : 'text';
  const what = cell.kind === 'same' ? 'output changed' : cell.kind;
  return h(
    'div',
    { key: `cell ${index}`, class: 'cyg-Conflict-cell' },
    facts('kind', `${noun}: ${what}`),
    cell.kind !== 'same' &&
      h(
        'div',
        { key: 'texts', class: 'cyg-Both' },
        from !== null &&
          h(
            'figure',
            { key: 'from', class: 'cyg-Side' },
            h('figcaption', { key: 'title', class: 'cyg-Dim' }, 'Before'),
            sourceText('Before', from)
          ),
        to !== null &&
          h(
            'figure',
            { key: 'to', class: 'cyg-Side' },
            h('figcaption', { key: 'title', class: 'cyg-Dim' }, 'After'),
            sourceText('After', to)
          )
      )
  );
}
