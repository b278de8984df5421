/** Keeps the place where a user reads while the content of a tab changes. */

import type { Widget } from '@lumino/widgets';

const SCROLLED = '.jp-WindowedPanel-outer, .cm-scroller, .jp-FileEditor';

/** Change what tabs show, and scroll them to where they were. */
export async function keepView<T>(
  tabs: Iterable<Widget>,
  change: () => Promise<T>
): Promise<T> {
  const found = [...tabs].flatMap(tab => [
    ...tab.node.querySelectorAll<HTMLElement>(SCROLLED)
  ]);
  const places = found
    .filter(it => it.scrollTop > 0)
    .map(node => ({ node, top: node.scrollTop }));
  const result = await change();
  const scroll = (): void => {
    for (const { node, top } of places) {
      if (node.isConnected && Math.abs(node.scrollTop - top) > 1) {
        node.scrollTop = top;
      }
    }
  };
  scroll();
  // New cells get their height as they are drawn.
  requestAnimationFrame(scroll);
  return result;
}
