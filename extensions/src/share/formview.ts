/** The form that shares a folder. */

import { h, type Part, type VNode } from '../dom.js';
import type { Audience } from './answer.js';
import { actButton, address, busy, button, facts, noteAt, type View } from './parts.js';
import { grantList } from './shareview.js';
import type { FormShown } from './shown.js';
import { named, plain } from './words.js';

/** Until when: what the form offers, with the days; `null` for the day of a field. */
export const UNTIL: readonly (readonly [string, string, number | null])[] = [
  ['always', 'No end', 0],
  ['day', '1 day', 1],
  ['week', '1 week', 7],
  ['month', '30 days', 30],
  ['date', 'The end of a day…', null]
];

/** What to say where there is one user. */
export const ALONE =
  'You are the only user here. Sharing with others needs Cygnet on Kubernetes; keeping versions of a folder works here, too.';

/** The form, in the place of the lists. */
export function formView(view: View, form: FormShown): readonly Part[] {
  const { shown, actions } = view;
  const heading = [
    h(
      'div',
      { key: 'back', class: 'cyg-Row' },
      button('back', 'Back', actions.back, { title: 'Back to the lists (Escape)' })
    ),
    h('h3', { key: 'title' }, 'Share ', named(form.title))
  ];
  if (shown.state.me?.several === false) {
    return [
      ...heading,
      facts('alone', ALONE),
      keeping(view, form),
      noteAt(view, 'form')
    ];
  }
  return [
    ...heading,
    h(
      'p',
      { key: 'extent', class: 'cyg-Dim', role: 'status' },
      `The folder ${plain(form.place)} with all of its files${form.extent === '' ? '' : `: ${form.extent}`}.`
    ),
    fields(view, form),
    noteAt(view, 'form'),
    ...existing(view, form)
  ];
}

/** What the form asks. */
function fields(view: View, form: FormShown): VNode {
  const { shown, actions } = view;
  return h(
    'form',
    {
      key: 'form',
      class: 'cyg-Form',
      'aria-label': `Share ${plain(form.title)}`,
      onsubmit: event => {
        event.preventDefault();
        actions.submit();
      }
    },
    audience(view, form),
    principal(view, form),
    rights(view, form),
    until(view, form),
    facts('copies', 'What others have copied stays with them after you end this.'),
    h(
      'button',
      {
        key: 'submit',
        type: 'submit',
        class: 'cyg-Button cyg-Button-main cyg-Button-wide',
        'data-focus': 'submit',
        disabled: form.audience !== 'everyone' && form.principal.trim() === '',
        ...busy(shown, 'form')
      },
      'Share'
    )
  );
}

/** What one user can do with a folder that cannot be shared. */
function keeping(view: View, { place, title }: FormShown): VNode {
  const { shown, actions } = view;
  const kept = shown.state.folders.find(
    it => it.is_mine && it.place === place && it.phase !== 'ended'
  );
  return kept === undefined
    ? actButton(view, 'form', 'Keep versions', { type: 'keep', place, title })
    : button('form versions', 'Versions', () => actions.versions(kept.share));
}

function existing(view: View, form: FormShown): readonly Part[] {
  const { shown, actions } = view;
  const share = shown.state.mine.find(it => it.id === form.share);
  const detail = form.share === null ? undefined : shown.details.get(form.share);
  if (share === undefined || detail === undefined) {
    return [];
  }
  const link = address(shown.state.me, 'versions', share.id);
  return [
    h('h4', { key: 'who' }, 'Who may see it'),
    grantList(view, share, detail.grants),
    link !== null &&
      detail.grants.length > 0 &&
      button('form link', 'Copy link', () => actions.copyLink('form', link), {
        title: 'A page to read it, for those who may see it'
      })
  ];
}

function choice<T extends string>(
  name: string,
  legend: string,
  offered: readonly (readonly [T, string])[],
  chosen: T,
  pick: (value: T) => void
): VNode {
  const rows = offered.map(([value, label]) =>
    h(
      'label',
      { key: value, class: 'cyg-Choice' },
      h('input', {
        key: 'input',
        type: 'radio',
        name: `cyg-share-${name}`,
        value,
        checked: value === chosen,
        'data-focus': `${name} ${value}`,
        onchange: () => pick(value)
      }),
      h('span', { key: 'label' }, label)
    )
  );
  return h(
    'fieldset',
    { key: name, class: 'cyg-Group' },
    h('legend', { key: 'legend' }, legend),
    ...rows
  );
}

function audience({ shown, actions }: View, form: FormShown): VNode {
  const offered: (readonly [Audience, string])[] = [
    ['user', 'A person'],
    ['group', 'A group']
  ];
  if (shown.state.me?.everyone === true) {
    offered.push(['everyone', 'Everyone who can log in']);
  }
  return choice('audience', 'With', offered, form.audience, value =>
    actions.change({ name: 'audience', value })
  );
}

function principal({ shown, actions }: View, form: FormShown): Part {
  if (form.audience === 'everyone') {
    return null;
  }
  const isPerson = form.audience === 'user';
  const offered = isPerson ? form.offered.people : form.offered.groups;
  const isListed = shown.state.me?.list_names === true;
  return h(
    'div',
    { key: 'principal', class: 'cyg-Field' },
    h(
      'label',
      { key: 'label', for: 'cyg-share-name' },
      isPerson ? 'Name of the person' : 'Name of the group'
    ),
    h('input', {
      // A field of a new key is empty.
      key: `name ${form.round} ${form.audience}`,
      id: 'cyg-share-name',
      type: 'text',
      class: 'cyg-Input',
      list: 'cyg-share-names',
      autocomplete: 'off',
      spellcheck: 'false',
      maxlength: 255,
      dir: 'auto',
      'data-focus': 'principal',
      'aria-describedby': 'cyg-share-hint',
      oninput: event =>
        actions.change({
          name: 'principal',
          value: (event.target as HTMLInputElement).value
        })
    }),
    h(
      'datalist',
      { key: 'names', id: 'cyg-share-names' },
      ...offered.map(name => h('option', { key: name, value: plain(name) }))
    ),
    h(
      'p',
      { key: 'hint', id: 'cyg-share-hint', class: 'cyg-Note' },
      isListed
        ? 'Type two letters to find a name.'
        : 'Type the whole name, as it is at the login.'
    )
  );
}

function rights({ actions }: View, form: FormShown): VNode {
  const offered = [
    ['view', 'Can view'],
    ['edit', 'Can edit']
  ] as const;
  return choice('right', 'They', offered, form.right, value =>
    actions.change({ name: 'right', value })
  );
}

function until({ actions }: View, form: FormShown): VNode {
  const options = UNTIL.map(([value, label]) =>
    h('option', { key: value, value, selected: value === form.until }, label)
  );
  return h(
    'div',
    { key: 'until', class: 'cyg-Field' },
    h('label', { key: 'label', for: 'cyg-share-until' }, 'Until'),
    h(
      'select',
      {
        key: `select ${form.round}`,
        id: 'cyg-share-until',
        class: 'cyg-Input',
        'data-focus': 'until',
        onchange: event =>
          actions.change({
            name: 'until',
            value: (event.target as HTMLSelectElement).value
          })
      },
      ...options
    ),
    form.until === 'date' &&
      h('input', {
        key: 'date',
        type: 'date',
        class: 'cyg-Input',
        required: true,
        'aria-label': 'The last day',
        'data-focus': 'date',
        oninput: event =>
          actions.change({
            name: 'date',
            value: (event.target as HTMLInputElement).value
          })
      })
  );
}

/** When a right ends that is granted at `now`; `null` for never, or no such day. */
export function endOf(form: FormShown, now: number): string | null {
  const days = UNTIL.find(([value]) => value === form.until)?.[2] ?? null;
  if (days === 0) {
    return null;
  }
  const end = new Date(now);
  if (days !== null) {
    end.setDate(end.getDate() + days);
    return end.toISOString();
  }
  const [year, month, day] = form.date.split('-').map(Number);
  if (year === undefined || month === undefined || day === undefined) {
    return null;
  }
  end.setFullYear(year, month - 1, day);
  end.setHours(23, 59, 59, 0);
  return Number.isNaN(end.getTime()) ? null : end.toISOString();
}
