/**
 * Elements out of data.
 *
 * A view is a function that gives nodes; `render` makes the children of an element
 * equal to them and keeps every element whose key and tag stay, so that focus,
 * selection and a scrolled log survive an update. All text is text, never HTML.
 */

/** One wanted element. */
export interface VNode {
  readonly tag: string;
  readonly key: string;
  readonly attributes: Attributes;
  readonly children: readonly (VNode | string)[];
}

/** Attributes by name; `false` leaves one out. Functions listen to events. */
export interface Attributes {
  readonly key?: string;
  readonly [name: string]: string | number | boolean | Handler | undefined;
}

/** What an event does; named `onclick`, `onchange`, … among the attributes. */
export type Handler = (event: Event) => void;

/** A part of a view that may be left out. */
export type Part = VNode | string | null | false;

const SVG = 'http://www.w3.org/2000/svg';
const keys = new WeakMap<Node, string>();
const listened = new WeakMap<Element, Set<string>>();

/** Describe an element. */
export function h(tag: string, attributes: Attributes, ...parts: Part[]): VNode {
  const children = parts.filter(part => part !== null && part !== false);
  return { tag, key: attributes.key ?? '', attributes, children };
}

/** Make the children of `host` equal to `parts`, reusing what is there. */
export function render(host: Element, ...parts: Part[]): void {
  const wanted = parts.filter(part => part !== null && part !== false);
  const old = new Map<string, Node[]>();
  for (const node of host.childNodes) {
    const known = old.get(identify(node));
    known === undefined ? old.set(identify(node), [node]) : known.push(node);
  }
  const kept = wanted.map(part => {
    const node = old.get(identity(part))?.shift() ?? create(host, part);
    if (typeof part === 'string') {
      setText(node, part);
    } else {
      patch(node as Element, part);
    }
    return node;
  });
  // First the leavers: then those who stay are mostly in their places already.
  for (const nodes of old.values()) {
    for (const node of nodes) {
      host.removeChild(node);
    }
  }
  for (const [index, node] of kept.entries()) {
    // Moving a node would take the focus from it, so only strangers move.
    if (host.childNodes[index] !== node) {
      host.insertBefore(node, host.childNodes[index] ?? null);
    }
  }
}

function identity(part: VNode | string): string {
  return typeof part === 'string' ? '#text' : `${part.tag} ${part.key}`;
}

function identify(node: Node): string {
  return keys.get(node) ?? (node.nodeType === node.TEXT_NODE ? '#text' : '#foreign');
}

function create(host: Element, part: VNode | string): Node {
  const owner = host.ownerDocument;
  if (typeof part === 'string') {
    return owner.createTextNode(part);
  }
  const isDrawing = part.tag === 'svg' || host.namespaceURI === SVG;
  const node = isDrawing
    ? owner.createElementNS(SVG, part.tag)
    : owner.createElement(part.tag);
  keys.set(node, identity(part));
  return node;
}

function setText(node: Node, value: string): void {
  // Writing the same text would still lose a selection in it.
  if (node.nodeValue !== value) {
    node.nodeValue = value;
  }
}

function patch(node: Element, { attributes, children }: VNode): void {
  const wanted = new Map<string, string>();
  const heard = new Set<string>();
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      heard.add(name);
      (node as unknown as Record<string, Handler>)[name] = value;
    } else if (name === 'checked') {
      // The attribute is only the first value; the property is what is shown.
      (node as HTMLInputElement).checked = value === true;
    } else if (name !== 'key' && value !== undefined && value !== false) {
      wanted.set(name, value === true ? '' : String(value));
    }
  }
  for (const name of listened.get(node) ?? []) {
    if (!heard.has(name)) {
      (node as unknown as Record<string, Handler | null>)[name] = null;
    }
  }
  listened.set(node, heard);
  setAttributes(node, wanted);
  render(node, ...children);
}

function setAttributes(node: Element, wanted: ReadonlyMap<string, string>): void {
  for (const name of node.getAttributeNames()) {
    if (!wanted.has(name)) {
      node.removeAttribute(name);
    }
  }
  for (const [name, value] of wanted) {
    if (node.getAttribute(name) !== value) {
      node.setAttribute(name, value);
    }
  }
}
