/** The bar above an open file of a shared folder. */

import { h, type Part, type VNode } from '../dom.js';
import { plural } from '../format.js';
import { icon } from '../icons.js';
import type { Changed, Folder } from './answer.js';
import { baseName, plain, several, when } from './words.js';

/** What the bar of one file shows. */
export interface BarShown {
  readonly folder: Pick<Folder, 'owner' | 'right' | 'is_mine'>;
  /** The path in the file browser. */
  readonly path: string;
  readonly isNotebook: boolean;
  /** The time, in epoch milliseconds. */
  readonly now: number;
  /** Whether what running means was confirmed. */
  readonly isUnderstood: boolean;
  /** Who else has this file open. */
  readonly present: readonly string[];
  /** The file has another content now, and the user has unsaved changes. */
  readonly newer: Changed | null;
  /** Whether the user has chosen to keep their own. */
  readonly keepsMine: boolean;
  /** The user trusted the notebook before another has changed it. */
  readonly hasLostTrust: boolean;
  /** What another changed before the notebook was opened, which is not trusted. */
  readonly unseen: Changed | null;
  /** The share is over, or the file is gone from it. */
  readonly gone: 'share' | 'file' | null;
  /** What came of the last merge or click. */
  readonly note: string;
  readonly isBusy: boolean;
}

/** What the user can do in the bar. */
export interface BarActions {
  readonly understand: () => void;
  readonly showTheirs: () => void;
  readonly keepMine: () => void;
  readonly makeCopy: () => void;
  readonly trust: () => void;
  readonly dismiss: () => void;
}

/** The lines of the bar; none where there is nothing to say. */
export function barView(shown: BarShown, actions: BarActions): readonly Part[] {
  const lines: readonly Part[] = [
    goneLine(shown),
    whoseLine(shown, actions),
    meaningLine(shown, actions),
    newerLine(shown, actions),
    trustLine(shown, actions),
    noteLine(shown, actions)
  ];
  return lines.filter(it => it !== null);
}

function noun({ isNotebook }: BarShown): string {
  return isNotebook ? 'notebook' : 'file';
}

function goneLine({ gone }: BarShown): Part {
  switch (gone) {
    case 'share':
      return line('gone', [
        words(
          'This folder is no longer shared with you, and its files are gone from yours. Save this one under another name to keep what you see.'
        )
      ]);
    case 'file':
      return line('gone', [
        words('This file is no longer in the folder. Save it to have it back.')
      ]);
    case null:
      return null;
  }
}

/** Whose the file is, and who else is in it. */
function whoseLine(shown: BarShown, actions: BarActions): Part {
  const { folder, gone, isNotebook } = shown;
  const present = presentWords(shown);
  if (folder.is_mine || gone === 'share') {
    return present === '' ? null : line('whose', [words(present)]);
  }
  const owner = plain(folder.owner);
  if (folder.right !== 'view') {
    return line('whose', [words(`Shared by ${owner}, can edit. ${present}`.trim())]);
  }
  const doing = isNotebook
    ? 'Running works, saving does not.'
    : 'Saving does not work.';
  return line('whose', [
    words(`Shared by ${owner}, can view. ${doing}`),
    act('copy', 'Make my copy', actions.makeCopy, shown.isBusy)
  ]);
}

function presentWords(shown: BarShown): string {
  const { present } = shown;
  const verb = present.length === 1 ? 'has' : 'have';
  return present.length === 0
    ? ''
    : `${several(present)} ${verb} this ${noun(shown)} open.`;
}

function meaningLine(shown: BarShown, actions: BarActions): Part {
  const { folder, isUnderstood, isNotebook, gone } = shown;
  if (folder.is_mine || isUnderstood || !isNotebook || gone === 'share') {
    return null;
  }
  return line('meaning', [
    words(
      `By ${plain(folder.owner)}. Running it acts as you: it can read your files and use your Spark.`
    ),
    act('understand', 'I understand', actions.understand, false)
  ]);
}

function newerLine(shown: BarShown, actions: BarActions): Part {
  const { newer, keepsMine, now, folder } = shown;
  if (newer === null) {
    return null;
  }
  const at = newer.at === '' ? '' : ` at ${when(newer.at, now)}`;
  const said =
    newer.by === ''
      ? 'Another version came'
      : `${plain(newer.by)} changed this ${noun(shown)}`;
  if (keepsMine) {
    return line('newer', [words(`${said}${at}. ${mergeWords(shown)}`)]);
  }
  return line('newer', [
    words(`${said}${at}, and you have changes that are not saved.`),
    act('theirs', 'Show theirs', actions.showTheirs, shown.isBusy),
    folder.right === 'view'
      ? null
      : act('mine', 'Keep mine', actions.keepMine, shown.isBusy),
    folder.right === 'view'
      ? null
      : h('span', { key: 'about', class: 'cyg-Dim' }, mergeWords(shown))
  ]);
}

function mergeWords({ isNotebook, path }: BarShown): string {
  return isNotebook
    ? 'Both are merged when you save.'
    : `When you save, theirs is kept next to ${plain(baseName(path))}.`;
}

function trustLine(shown: BarShown, actions: BarActions): Part {
  const said = trustWords(shown);
  return said === ''
    ? null
    : line('trust', [words(said), act('trust', 'Trust…', actions.trust, false)]);
}

function trustWords({ hasLostTrust, unseen, now }: BarShown): string {
  if (hasLostTrust) {
    return 'This notebook has changed since you trusted it. Its new outputs run no scripts until you trust it again.';
  }
  return unseen === null
    ? ''
    : `${plain(unseen.by)} changed this notebook at ${when(unseen.at, now)}, and it is not trusted: its outputs run no scripts until you trust it.`;
}

function noteLine({ note, isBusy }: BarShown, actions: BarActions): Part {
  if (isBusy) {
    return line('note', [words('One moment…')]);
  }
  return note === ''
    ? null
    : line('note', [words(note), act('dismiss', 'OK', actions.dismiss, false)]);
}

/** What to say of a merge. */
export function mergedWords(by: string, conflicts: number): string {
  const whose = by === '' ? 'The other version' : `What ${plain(by)} changed`;
  return conflicts === 0
    ? `${whose} is merged with yours.`
    : `${whose} is merged with yours. ${plural(conflicts, 'cell')} changed by both: theirs ${conflicts === 1 ? 'stands' : 'stand'} below yours.`;
}

function words(text: string): VNode {
  return h(
    'span',
    { key: 'words', class: 'cyg-BarLine-words', dir: 'auto', title: text },
    text
  );
}

/** A button; one that waits is not disabled, as it would lose the focus. */
function act(key: string, label: string, onclick: () => void, waits: boolean): VNode {
  const waiting = waits ? { 'aria-disabled': 'true' } : {};
  return h(
    'button',
    { key, type: 'button', class: 'cyg-Button', onclick, ...waiting },
    label
  );
}

function line(key: string, parts: readonly Part[]): VNode {
  const mark = key === 'newer' || key === 'gone' || key === 'trust';
  return h(
    'div',
    { key, class: 'cyg-BarLine', role: 'status' },
    mark && icon('warning'),
    ...parts
  );
}
