/**
 * Takes from markup whatever loads something from elsewhere, and what gives commands.
 *
 * JupyterLab's sanitizer takes scripts away, and leaves pictures of any address: they
 * tell another host who reads, and an address of the hub may log the reader out. It
 * also leaves buttons for JupyterLab's commands, among them those that run code, and
 * then asks the reader in words that the button may choose.
 */

/** Attributes whose value is an address that is loaded at once. */
const LOADING = ['src', 'poster', 'background', 'data', 'href', 'xlink:href'];

/** Attributes with lists of addresses. */
const LISTS = ['srcset', 'imagesrcset'];

/** What loads in a style, whatever way its name is written. */
const LOADING_STYLE = /url|image|src|\\/i;

/** What has JupyterLab carry out a command of its own when it is clicked on. */
const COMMAND = 'data-commandlinker';

const OWN_SCHEMES = ['data:', 'blob:', 'attachment:'];

/** Tells whether an address leads to the notebook server itself. */
export type IsOwn = (address: string) => boolean;

/** Tells whether an address leads below one of a page; `base` ends with a slash. */
export function isBelow(page: string, base: string): IsOwn {
  const { origin, pathname } = new URL(base, page);
  return address => {
    let there: URL;
    try {
      there = new URL(address, page);
    } catch {
      return false;
    }
    return (
      OWN_SCHEMES.includes(there.protocol) ||
      (there.origin === origin && there.pathname.startsWith(pathname))
    );
  };
}

/** Reads markup as a document without a window, where nothing loads. */
export function parse(markup: string): Document {
  return new DOMParser().parseFromString(markup, 'text/html');
}

/** Gives sanitized markup without what loads from elsewhere or gives commands. */
export function withhold(markup: string, isOwn: IsOwn, read = parse): string {
  const parsed = read(markup);
  let isChanged = false;
  for (const element of parsed.querySelectorAll('*')) {
    for (const name of foreign(element, isOwn)) {
      note(element, name);
      element.removeAttribute(name);
      isChanged = true;
    }
  }
  return isChanged ? parsed.body.innerHTML : markup;
}

function foreign(element: Element, isOwn: IsOwn): string[] {
  return [...element.attributes]
    .filter(({ name, value }) => {
      if (name === 'style') {
        return LOADING_STYLE.test(value);
      }
      if (LISTS.includes(name) || name.startsWith(COMMAND)) {
        return true;
      }
      // A link leads elsewhere when it is followed, and not before.
      const isLink = name === 'href' && element.localName === 'a';
      return LOADING.includes(name) && !isLink && !isOwn(value);
    })
    .map(({ name }) => name);
}

/** Says in the place of a picture what is not there. */
function note(element: Element, name: string): void {
  if (element.localName === 'img' && name === 'src') {
    const address = element.getAttribute('src') ?? '';
    const words = `Not loaded, as the file is another person's: ${address}`;
    element.setAttribute('alt', words);
    element.setAttribute('title', words);
  }
}
