/** How a folder that follows a share stands, and what it asks. */

import { foldable } from '../disclosure.js';
import { h, type Part, type VNode } from '../dom.js';
import { plural } from '../format.js';
import { icon } from '../icons.js';
import type { Folder } from './answer.js';
import { conflictList } from './conflictview.js';
import { actButton, facts, noteAt, type View } from './parts.js';
import { named, plain, several, size } from './words.js';

/** How many files of a list are named. */
const NAMED = 100;

/** The lines of a folder, in the item of its share. */
export function folderLines(view: View, folder: Folder): readonly Part[] {
  const key = `${folder.share} ${folder.place}`;
  return [
    h(
      'p',
      { key: 'phase', class: 'cyg-Facts-line cyg-Folder-phase' },
      folder.phase === 'works' && icon('running'),
      folder.phase === 'stopped' && icon('warning'),
      h('span', { key: 'words', role: 'status' }, phaseWords(folder))
    ),
    progressBar(folder),
    folder.phase === 'asks' && deletionQuestion(view, folder, key),
    folder.conflicts.length > 0 && conflictList(view, folder),
    presence(folder),
    leftOut(view, folder, key)
  ];
}

/** A copy that is on its way, or that has stopped. */
export function copyItem(view: View, folder: Folder): VNode {
  const place = `copy ${folder.place}`;
  return h(
    'li',
    { key: place, class: 'cyg-Share' },
    h('h4', { key: 'title' }, named(folder.place)),
    ...folderLines(view, folder),
    folder.phase === 'stopped' &&
      h(
        'div',
        { key: 'actions', class: 'cyg-Row' },
        actButton(view, place, 'Dismiss', { type: 'leave', folder })
      ),
    noteAt(view, place)
  );
}

/** What a folder does, in words. */
export function phaseWords(folder: Folder): string {
  const { waiting, message } = folder;
  const saves = waiting === 0 ? '' : `${plural(waiting, 'save')} ${waits(waiting)}`;
  switch (folder.phase) {
    case 'starts':
      return 'Starts…';
    case 'works':
      return progressWords(folder);
    case 'follows':
      return saves === '' ? 'Up to date' : `${saves}.`;
    case 'away':
      return saves === ''
        ? 'Sharing is away. Your files work as usual.'
        : `Sharing is away, ${saves}.`;
    case 'asks':
      return 'Waits for your answer';
    case 'stopped':
      return plain(message === '' ? 'Stopped.' : message);
    case 'ended':
      return 'No longer shared with you.';
  }
}

function waits(count: number): string {
  return count === 1 ? 'waits' : 'wait';
}

function progressWords({ progress, waiting }: Folder): string {
  const verb = waiting > 0 ? 'Sending' : 'Receiving';
  return progress === null
    ? `${verb}…`
    : `${verb} ${size(progress.done_bytes)} of ${size(progress.all_bytes)}`;
}

function progressBar({ progress, phase }: Folder): Part {
  if (progress === null || phase !== 'works') {
    return null;
  }
  const { done_bytes: done, all_bytes: all } = progress;
  return h(
    'div',
    {
      key: 'progress',
      class: 'cyg-Bar',
      role: 'progressbar',
      'aria-label': 'Transfer',
      'aria-valuemin': 0,
      'aria-valuemax': Math.max(all, 1),
      'aria-valuenow': Math.min(done, all)
    },
    h('span', {
      key: 'done',
      class: 'cyg-Bar-done',
      style: `width: ${all === 0 ? 0 : Math.min(100, (100 * done) / all)}%`
    })
  );
}

/** Many files are gone at once: deleted, or lost? */
function deletionQuestion(view: View, folder: Folder, key: string): VNode {
  const place = `gone ${key}`;
  const count = plural(folder.gone.length, 'file');
  const where = folder.is_mine ? 'for everyone' : 'for the others, too';
  const answer = (isDeletion: boolean) =>
    ({ type: 'answer', folder, isDeletion }) as const;
  return h(
    'div',
    {
      key: 'gone',
      class: 'cyg-Question',
      role: 'group',
      'aria-label': 'Deleted files'
    },
    h(
      'p',
      { key: 'words', role: 'status' },
      `${count} of this folder ${folder.gone.length === 1 ? 'is' : 'are'} gone from your files. Delete ${folder.gone.length === 1 ? 'it' : 'them'} ${where}?`
    ),
    fileNames('Deleted files', folder.gone),
    h(
      'div',
      { key: 'answers', class: 'cyg-Row' },
      actButton(view, place, 'Bring them back', answer(false), {
        'data-focus': `${place} back`
      }),
      h(
        'span',
        { key: 'second' },
        actButton(view, place, `Delete ${where}`, answer(true))
      )
    ),
    noteAt(view, place)
  );
}

/** A scrolled list of files. */
function fileNames(label: string, paths: readonly string[]): VNode {
  const rest = paths.length - NAMED;
  return h(
    'ul',
    { key: label, class: 'cyg-Files', 'aria-label': label, tabindex: 0 },
    ...paths.slice(0, NAMED).map(path => h('li', { key: path }, named(path))),
    rest > 0 && h('li', { key: ' rest' }, `and ${plural(rest, 'more file')}`)
  );
}

function presence({ present }: Folder): Part {
  if (present.length === 0) {
    return null;
  }
  const names = several(present.map(it => it.name));
  const verb = present.length === 1 ? 'is' : 'are';
  return facts('present', `${names} ${verb} in it now`);
}

function leftOut({ shown, actions }: View, folder: Folder, key: string): Part {
  const paths = Object.entries(folder.left_out);
  if (paths.length === 0) {
    return null;
  }
  const part = `left out ${key}`;
  return foldable(
    part,
    `${plural(paths.length, 'file')} left out`,
    shown.opened.has(part),
    actions.toggle,
    () =>
      h(
        'ul',
        { key: 'list', class: 'cyg-Files', 'aria-label': 'Left out', tabindex: 0 },
        ...paths
          .slice(0, NAMED)
          .map(([path, reason]) =>
            h(
              'li',
              { key: path },
              named(path),
              h('span', { key: 'reason', class: 'cyg-Dim' }, ` ${plain(reason)}`)
            )
          )
      )
  );
}
