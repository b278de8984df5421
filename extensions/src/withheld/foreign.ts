/** Which files are other people's, wherever their folders stand. */

import { Token } from '@lumino/coreutils';

/** The folder of other people's shares (`cygnet_lab.share.place`). */
const SHARED = 'Shared/';

const KEY = 'cygnet:foreign:';

/** A folder that follows a share. */
export interface Followed {
  readonly place: string;
  readonly is_mine: boolean;
}

/**
 * Knows the folders of other people's shares.
 *
 * They may be moved out of `Shared/`. Where they are is remembered, as files are opened
 * again before the server has said it.
 */
export class Foreign {
  private places: readonly string[];

  /**
   * @param storage Where they are kept.
   * @param server The address of the person's notebook server.
   */
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
    private readonly server: string
  ) {
    this.places = this.read();
  }

  /** Whether a path is that of another person's file; a drive may stand before. */
  has(path: unknown): boolean {
    if (typeof path !== 'string') {
      return false;
    }
    const local = path.split(':').at(-1) ?? '';
    return (
      local.startsWith(SHARED) || this.places.some(it => local.startsWith(`${it}/`))
    );
  }

  /** Take which folders follow shares. */
  learn(folders: readonly Followed[]): void {
    this.places = folders.filter(it => !it.is_mine).map(it => it.place);
    try {
      this.storage.setItem(KEY + this.server, JSON.stringify(this.places));
    } catch {
      // A browser that stores nothing learns it from the server each time.
    }
  }

  private read(): readonly string[] {
    try {
      const found: unknown = JSON.parse(this.storage.getItem(KEY + this.server) ?? '');
      return Array.isArray(found) ? found.filter(it => typeof it === 'string') : [];
    } catch {
      return [];
    }
  }
}

/** What knows them. */
export const IForeign = new Token<Foreign>('@cygnet/lab:IForeign');
