/** The versions of one share, loaded as they are opened. */

import type { ChangedFile, FileDiff, Version } from './answer.js';
import type { ShareServer } from './server.js';
import { diffKey, type VersionsShown } from './shown.js';

/** What the page of the versions shows. */
export class VersionsModel {
  private list: readonly Version[] | null = null;
  private readonly changes = new Map<number, readonly ChangedFile[]>();
  private readonly diffs = new Map<string, FileDiff>();
  private head = -1;

  /**
   * @param server Where the versions are.
   * @param share Whose they are.
   * @param title What the share is called.
   */
  constructor(
    private readonly server: ShareServer,
    readonly share: number,
    private readonly title: string
  ) {}

  /** What is known now. */
  get shown(): VersionsShown {
    const { share, title, list, changes, diffs } = this;
    return { kind: 'versions', share, title, list, changes, diffs };
  }

  /** Load the list, where the newest version is another than it has. */
  async load(head: number): Promise<void> {
    if (head !== this.head) {
      this.head = head;
      await this.reload();
    }
  }

  /** Load the list. */
  async reload(): Promise<void> {
    this.list = await this.server.versions(this.share);
  }

  /** Load what changed with a version, or in a file of it. */
  async compare(seq: number, path: string | null): Promise<void> {
    const before = this.before(seq);
    if (path === null) {
      if (!this.changes.has(seq)) {
        this.changes.set(seq, await this.server.changes(this.share, before, seq));
      }
      return;
    }
    const key = diffKey(seq, path);
    if (!this.diffs.has(key)) {
      this.diffs.set(key, await this.server.diff(this.share, before, seq, path));
    }
  }

  /** The version before one: not all numbers are kept. 0 is the empty folder. */
  private before(seq: number): number {
    return this.list?.find(it => it.seq < seq)?.seq ?? 0;
  }
}
