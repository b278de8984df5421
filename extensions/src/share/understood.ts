/** Remembers for which shares a person has confirmed what running means. */

const PREFIX = 'cygnet:understood:';

/** One person's confirmations in this browser. */
export class Understood {
  /**
   * @param storage Where they are kept.
   * @param server The address of the person's notebook server: people of one
   *   installation may use one browser.
   */
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
    private readonly server: string
  ) {}

  /** Whether it was confirmed for this share. */
  has(share: number, owner: string): boolean {
    try {
      return this.storage.getItem(this.key(share, owner)) !== null;
    } catch {
      // A browser that stores nothing asks each time.
      return false;
    }
  }

  /** Keep that it was confirmed. */
  add(share: number, owner: string): void {
    try {
      this.storage.setItem(this.key(share, owner), '1');
    } catch {
      // It is asked again.
    }
  }

  private key(share: number, owner: string): string {
    return `${PREFIX}${this.server}:${share}:${owner}`;
  }
}
