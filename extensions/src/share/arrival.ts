/** Waits for a copy that is still on its way. */

import type { ShareServer } from './server.js';

const PAUSE_MS = 1000;

/**
 * Wait until a folder is there as a whole: what is saved in it before would be lost.
 *
 * @throws Error with the reason when the copy has stopped.
 */
export async function arrival(server: ShareServer, place: string): Promise<void> {
  for (;;) {
    const { folders } = await server.state(null);
    const copy = folders.find(it => it.is_copy && it.place === place);
    if (copy === undefined) {
      return;
    }
    if (copy.phase === 'stopped') {
      throw new Error(copy.message);
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}
