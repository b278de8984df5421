/** Small parts that all views of the panel use. */

import { h, type Part, type VNode } from '../dom.js';
import { icon } from '../icons.js';
import type { Act, PanelActions } from './act.js';
import type { Me, Share } from './answer.js';
import { type PanelShown, STEP } from './shown.js';

/** What a view gets. */
export interface View {
  readonly shown: PanelShown;
  readonly actions: PanelActions;
}

/** A button that does something at once. */
export function button(
  key: string,
  label: string,
  onclick: () => void,
  more: Readonly<Record<string, string | boolean>> = {}
): VNode {
  return h(
    'button',
    { key, type: 'button', class: 'cyg-Button', 'data-focus': key, onclick, ...more },
    label
  );
}

/** Says that a button waits; one that is disabled would lose the focus. */
export function busy(
  shown: PanelShown,
  place: string
): { readonly 'aria-disabled'?: string } {
  return shown.busy.has(place) ? { 'aria-disabled': 'true' } : {};
}

/** A button that has an act done; while it is, it cannot be pressed again. */
export function actButton(
  { shown, actions }: View,
  place: string,
  label: string,
  act: Act,
  more: Readonly<Record<string, string | boolean>> = {}
): VNode {
  const key = `${place} ${act.type}`;
  const onclick = (): void => actions.act(place, act);
  return button(key, label, onclick, { ...busy(shown, place), ...more });
}

/** A button that asks in a line before it has an act done. */
export function askButton(
  view: View,
  place: string,
  label: string,
  question: string,
  act: Act,
  more: Readonly<Record<string, string | boolean>> = {}
): VNode {
  const { shown, actions } = view;
  const key = `${place} ${act.type}`;
  if (shown.asking !== key) {
    const onclick = (): void => actions.ask(key);
    return button(key, label, onclick, { ...busy(shown, place), ...more });
  }
  return h(
    'div',
    {
      key: `${key} question`,
      class: 'cyg-Question',
      role: 'group',
      'aria-label': label
    },
    h('p', { key: 'words', dir: 'auto' }, question),
    h(
      'div',
      { key: 'answers', class: 'cyg-Row' },
      button(`${key} yes`, label, () => {
        actions.ask(null);
        actions.act(place, act);
      }),
      button(`${key} no`, 'Cancel', () => actions.ask(null))
    )
  );
}

/** What came of the last act at a place. */
export function noteAt({ shown }: View, place: string): Part {
  if (shown.busy.has(place)) {
    return h(
      'p',
      { key: `note ${place}`, class: 'cyg-Note', role: 'status' },
      'One moment…'
    );
  }
  const note = shown.notes.get(place);
  if (note === undefined) {
    return null;
  }
  return h(
    'p',
    { key: `note ${place}`, class: 'cyg-Note cyg-Told', role: 'status', dir: 'auto' },
    note.isProblem && icon('warning'),
    h('span', { key: 'words' }, note.words)
  );
}

/** A line of small facts. */
export function facts(key: string, ...parts: Part[]): VNode {
  return h('p', { key, class: 'cyg-Facts-line cyg-Dim' }, ...parts);
}

/** A link to a page of the service, in a tab of its own. */
export function pageLink(key: string, label: string, address: string | null): Part {
  if (address === null) {
    return null;
  }
  const safe = { target: '_blank', rel: 'noopener noreferrer', 'data-focus': key };
  return h(
    'a',
    { key, class: 'cyg-Button', href: address, ...safe },
    label,
    h('span', { key: 'tab', class: 'cyg-Hidden' }, ' (opens a tab)')
  );
}

/** The address of a page of the service; `null` where it is no page of the web. */
export function address(me: Me | null, ...path: (string | number)[]): string | null {
  if (me === null || me.pages === '') {
    return null;
  }
  try {
    const root = new URL(me.pages, document.baseURI);
    const rest = path.map(it =>
      String(it).split('/').map(encodeURIComponent).join('/')
    );
    const isWeb = root.protocol === 'https:' || root.protocol === 'http:';
    return isWeb ? new URL(rest.join('/'), root).href : null;
  } catch {
    return null;
  }
}

/** The address of a share's newest version in the viewer. */
export function viewerOf(me: Me | null, share: Share): string | null {
  return share.head === 0 ? null : address(me, 'view', share.id, share.head, '');
}

/** The first items of a list, with a button for more of them. */
export function bounded<T>(
  { shown, actions }: View,
  list: string,
  items: readonly T[],
  draw: (item: T) => VNode
): readonly Part[] {
  const limit = shown.limits.get(list) ?? STEP;
  const rest = items.length - limit;
  const label = `Show ${Math.min(rest, STEP)} more of ${rest}`;
  return [
    h(
      'ul',
      { key: `list ${list}`, class: 'cyg-List', 'aria-label': list },
      ...items.slice(0, limit).map(draw)
    ),
    rest > 0 && button(`more ${list}`, label, () => actions.more(list))
  ];
}
