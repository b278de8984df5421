/** Buttons that open and close a part of a view. */

import { h, type VNode } from './dom.js';
import { icon } from './icons.js';

/** Opens or closes the part of this name. */
export type Toggle = (part: string) => void;

/**
 * A button that is an arrow alone.
 *
 * @param label Its accessible name.
 * @param controls The id of the element that it opens.
 */
export function disclosure(
  part: string,
  label: string,
  isOpen: boolean,
  controls: string,
  toggle: Toggle
): VNode {
  return h(
    'button',
    {
      key: `toggle-${part}`,
      type: 'button',
      class: 'cyg-Disclosure',
      'aria-expanded': String(isOpen),
      'aria-controls': controls,
      'aria-label': label,
      onclick: () => toggle(part)
    },
    icon('chevron')
  );
}

/** A heading that opens and closes the content below it. */
export function foldable(
  part: string,
  title: string,
  isOpen: boolean,
  toggle: Toggle,
  content: () => VNode
): VNode {
  return h(
    'div',
    { key: `fold-${part}`, class: 'cyg-Fold' },
    h(
      'button',
      {
        key: 'button',
        type: 'button',
        class: 'cyg-Disclosure cyg-Fold-button',
        'aria-expanded': String(isOpen),
        onclick: () => toggle(part)
      },
      icon('chevron'),
      h('span', { key: 'title' }, title)
    ),
    isOpen && content()
  );
}
