/** A page to draw on. */

import { JSDOM } from 'jsdom';

/** An empty document. */
export function page(): Document {
  return new JSDOM('<!doctype html><body></body>').window.document;
}

/** The elements with a role or tag and an accessible name, as a person finds them. */
export function byName(root: Element, selector: string, name: string): HTMLElement[] {
  const label = (node: Element): string =>
    (node.getAttribute('aria-label') ?? node.textContent ?? '').trim();
  return [...root.querySelectorAll<HTMLElement>(selector)].filter(
    node => label(node) === name
  );
}

/** The only such element. */
export function only(root: Element, selector: string, name: string): HTMLElement {
  const found = byName(root, selector, name);
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} × ${selector} "${name}" in ${root.innerHTML}`);
  }
  return found[0];
}

/** The text without the icons' line breaks. */
export function textOf(node: Element | null): string {
  return (node?.textContent ?? '').replace(/\s+/g, ' ').trim();
}
