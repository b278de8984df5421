/** Has what others change wait while a file is saved. */

import { UUID } from '@lumino/coreutils';

import type { ShareServer } from './server.js';

/** The server forgets a save that is as old as three of these, in milliseconds. */
const AGAIN_MS = 30_000;

/**
 * Save a file, and let nothing else write it meanwhile.
 *
 * JupyterLab looks at a file and writes it afterwards: what comes in between would be
 * written over.
 */
export async function held<T>(
  server: ShareServer,
  path: string,
  save: () => Promise<T>
): Promise<T> {
  const name = UUID.uuid4();
  const say = (isOver: boolean): Promise<void> =>
    // A server that does not answer saves nothing either.
    server.saving(path, name, isOver).catch(() => undefined);
  await say(false);
  const clock = setInterval(() => void say(false), AGAIN_MS);
  try {
    return await save();
  } finally {
    clearInterval(clock);
    void say(true);
  }
}
