/** The drawings next to words; each is 16 by 16 and takes the text's colour. */

import { h, type VNode } from './dom.js';

/** A drawing: lines are drawn, solids are filled. */
interface Drawing {
  readonly lines?: string;
  readonly solid?: string;
}

const DRAWINGS = {
  running: { lines: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5' },
  succeeded: { lines: 'M3 8.5l3.4 3.4L13 4.8' },
  failed: { lines: 'M4 4l8 8M12 4l-8 8' },
  stopped: { solid: 'M4 4h8v8H4z' },
  ended: { lines: 'M8 2v5.5M4.6 4.2a5.2 5.2 0 1 0 6.8 0' },
  pending: { lines: 'M8 3.5a4.5 4.5 0 1 1-.01 0z' },
  active: { lines: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5' },
  skipped: { lines: 'M3 4l4.5 4L3 12M8.5 4L13 8l-4.5 4' },
  warning: { lines: 'M8 2.2L14.4 13.5H1.6zM8 6.5v3.3M8 11.3v.8' },
  chevron: { lines: 'M6 3.5L10.5 8 6 12.5' },
  closed: {
    lines: 'M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2',
    solid: 'M3.5 7h9v7h-9z'
  },
  open: { lines: 'M10.7 5.2V4.5a2.7 2.7 0 0 0-5.4 0V7M4 7.5h8v6H4z' },
  unverifiable: {
    lines: 'M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2M4 7.5h8v6H4zM8 9v1.7M8 12v.4'
  }
} as const satisfies Record<string, Drawing>;

/** The name of a drawing. */
export type IconName = keyof typeof DRAWINGS;

/** A drawing for the eye only; the words next to it say the same. */
export function icon(name: IconName, className = ''): VNode {
  const drawing: Drawing = DRAWINGS[name];
  const { lines, solid } = drawing;
  return h(
    'svg',
    {
      key: `icon-${name}`,
      class: `cyg-Icon cyg-Icon-${name} ${className}`.trim(),
      viewBox: '0 0 16 16',
      'aria-hidden': 'true',
      focusable: 'false'
    },
    lines !== undefined &&
      h('path', { key: 'lines', class: 'cyg-Icon-lines', d: lines }),
    solid !== undefined &&
      h('path', { key: 'solid', class: 'cyg-Icon-solid', d: solid })
  );
}

/** The mark of everything about Spark, for JupyterLab's own places. */
export const SPARK_SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">' +
  '<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M6.5 2.2L8.1 7l4.8 1.6' +
  '-4.8 1.6-1.6 4.8-1.6-4.8L.1 8.6 4.9 7zM12.6.8l.8 2.1 2.1.8-2.1.8-.8 ' +
  '2.1-.8-2.1-2.1-.8 2.1-.8z"/></svg>';

/** The mark of everything that is shared, for JupyterLab's own places. */
export const SHARED_SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">' +
  '<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M1 3.5A1 1 0 0 1 2 2.5h' +
  '3.6l1.4 1.6H14a1 1 0 0 1 1 1v2.2a4.2 4.2 0 0 0-6.4 5.2H2a1 1 0 0 1-1-1z"/>' +
  '<path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M12 7.6a1.6 1.6 0 1 1 0 ' +
  '3.2 1.6 1.6 0 0 1 0-3.2zM9.2 14.4a2.8 2.8 0 0 1 5.6 0z"/></svg>';
