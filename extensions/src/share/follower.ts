/** Keeps up with how the user's shares stand. */

import { Signal } from '@lumino/signaling';

import type { SharingState } from './answer.js';
import { ServerError, type ShareServer } from './server.js';

const PAUSES_MS = [500, 2000, 5000, 10_000] as const;
const NOT_FOUND = 404;

/** Says when a page is in front again. */
export type WhenVisible = () => Promise<void>;

/** Asks the notebook server again and again, and keeps the newest answer. */
export class Follower {
  /** Emitted when there is news. */
  readonly changed = new Signal<this, SharingState>(this);
  private newest: SharingState | null = null;
  private isOver = false;

  /**
   * @param server Where to ask.
   * @param whenVisible A page in the background does not ask: a browser has six
   *   connections to a server, and each page that waits holds one.
   * @param pause Waits for some milliseconds.
   */
  constructor(
    private readonly server: ShareServer,
    private readonly whenVisible: WhenVisible,
    private readonly pause: (milliseconds: number) => Promise<void>
  ) {}

  /** The newest state; `null` before there is one, and where sharing is off. */
  get state(): SharingState | null {
    return this.newest;
  }

  /** Follow until `stop`; it ends at once where the server has never known shares. */
  async run(): Promise<void> {
    let failures = 0;
    while (!this.isOver) {
      await this.whenVisible();
      try {
        await this.once();
        failures = 0;
      } catch (error) {
        if (this.isOver || (this.newest === null && isUnknown(error))) {
          return;
        }
        const index = Math.min(failures, PAUSES_MS.length - 1);
        failures += 1;
        await this.pause(PAUSES_MS[index] ?? 0);
      }
    }
  }

  /** Ask no more. */
  stop(): void {
    this.isOver = true;
    Signal.clearData(this);
  }

  private async once(): Promise<void> {
    const found = await this.server.state(this.newest?.version ?? null);
    if (this.isOver) {
      return;
    }
    if (found.version === this.newest?.version) {
      // The end of a wait without news; a server that did not wait is not pressed.
      await this.pause(PAUSES_MS[0]);
      return;
    }
    this.newest = found;
    this.changed.emit(found);
  }
}

/** Whether a server knows no shares; a proxy says so, too, while a server starts. */
function isUnknown(error: unknown): boolean {
  return error instanceof ServerError && error.status === NOT_FOUND;
}
