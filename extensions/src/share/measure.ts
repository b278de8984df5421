/** Counts the files of a folder before it is shared. */

import type { Contents } from '@jupyterlab/services';

import { plural } from '../format.js';
import { extent } from './words.js';

/** How many folders are looked into. */
const FOLDERS = 30;

/** Give the number and size of the files below `place`, in words. */
export async function measure(
  contents: Pick<Contents.IManager, 'get'>,
  place: string
): Promise<string> {
  const left = [place];
  let files = 0;
  let bytes = 0;
  for (let looked = 0; looked < FOLDERS; looked += 1) {
    const next = left.shift();
    if (next === undefined) {
      return extent(files, bytes);
    }
    const { content } = await contents.get(next, { type: 'directory', content: true });
    for (const item of content as readonly Contents.IModel[]) {
      if (item.type === 'directory') {
        left.push(item.path);
      } else {
        files += 1;
        bytes += item.size ?? 0;
      }
    }
  }
  return `more than ${plural(files, 'file')}`;
}
