/** The calls about shares to the user's own notebook server. */

import { fields, list, maybe, type Reader, text } from '../wire.js';
import {
  type Audience,
  type ChangedFile,
  type Detail,
  type FileDiff,
  type Merged,
  type Origin,
  type People,
  type Right,
  readChanges,
  readDetail,
  readDiff,
  readId,
  readMerged,
  readOrigin,
  readPeople,
  readPlace,
  readState,
  readVersions,
  type SharingState,
  type Version
} from './answer.js';

/** Sends a request to a path below `cygnet/share/`. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

/** The caller's choice in a conflict. */
export type Take = 'mine' | 'theirs' | 'both';

/** A folder that follows a share. */
export interface FolderKey {
  readonly share: number;
  readonly place: string;
}

/** A call that was refused, with whole sentences for the user. */
export class ServerError extends Error {
  /**
   * @param status The status of the answer; 0 without an answer.
   * @param message What happened and what to do.
   */
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message);
    this.name = 'ServerError';
  }
}

const nothing: Reader<null> = () => null;
const readRefusal = fields({
  message: text,
  problems: maybe(
    list(fields({ place: maybe(text), reason: text, remedy: maybe(text) }))
  )
});

/** Asks the notebook server about shares, and has it do what the user wants. */
export class ShareServer {
  /** @param send Sends a request with the page's login. */
  constructor(private readonly send: Send) {}

  /** How everything stands, as soon as it differs from version `since`. */
  state(since: number | null): Promise<SharingState> {
    const query = since === null ? '' : `?since=${since}`;
    return this.call('GET', `state${query}`, readState);
  }

  /** Make a folder a share that nobody else sees, which keeps its versions. */
  async make(place: string, title: string): Promise<number> {
    return (await this.call('POST', 'shares', readId, { place, title })).id;
  }

  /** Who may see a share, and who has opened it. */
  detail(share: number): Promise<Detail> {
    return this.call('GET', `shares/${share}`, readDetail);
  }

  /** Let people see a share. */
  async grant(
    share: number,
    to: { audience: Audience; principal: string; right: Right; expires: string | null }
  ): Promise<void> {
    await this.call('PUT', `shares/${share}/grants`, nothing, to);
  }

  /** Take a right back. */
  async revoke(share: number, audience: Audience, principal: string): Promise<void> {
    const query = new URLSearchParams({ audience, principal });
    await this.call('DELETE', `shares/${share}/grants?${query}`, nothing);
  }

  /** End a share with all of its versions. */
  async end(share: number): Promise<void> {
    await this.call('DELETE', `shares/${share}`, nothing);
  }

  /** People and groups whose names begin with `prefix`. */
  people(prefix: string): Promise<People> {
    return this.call('GET', `people?${new URLSearchParams({ prefix })}`, readPeople);
  }

  /** Bring a share to the user's folders, and give the place. */
  async open(share: number): Promise<string> {
    return (await this.call('POST', `shares/${share}/open`, readPlace, {})).place;
  }

  /** Make a folder of the user's own of a version, the newest for `null`; its place. */
  async clone(share: number, seq: number | null): Promise<string> {
    const body = seq === null ? {} : { seq };
    return (await this.call('POST', `shares/${share}/clone`, readPlace, body)).place;
  }

  /** Where a folder was copied from; `null` for one that is no copy. */
  async origin(place: string): Promise<Origin | null> {
    const query = new URLSearchParams({ place });
    return (await this.call('GET', `origin?${query}`, readOrigin)).origin;
  }

  /** Remove a folder that follows a share; the user's own files stay. */
  async leave({ share, place }: FolderKey): Promise<void> {
    const query = new URLSearchParams({ share: String(share), place });
    await this.call('DELETE', `folders?${query}`, nothing);
  }

  /** The versions of a share, the newest first. */
  async versions(share: number): Promise<readonly Version[]> {
    const found = await this.call('GET', `shares/${share}/versions`, readVersions);
    return found.snapshots;
  }

  /** Name a version, which keeps it for good; an empty name takes that back. */
  async name(share: number, seq: number, name: string): Promise<void> {
    await this.call('PUT', `shares/${share}/versions/${seq}`, nothing, { name });
  }

  /** Make what a version held the newest version; `null` for all files. */
  async restore(
    share: number,
    seq: number,
    paths: readonly string[] | null
  ): Promise<void> {
    await this.call('POST', `shares/${share}/restore`, nothing, { seq, paths });
  }

  /** The files that differ between two versions. */
  async changes(
    share: number,
    from: number,
    to: number
  ): Promise<readonly ChangedFile[]> {
    const query = new URLSearchParams({ from: String(from), to: String(to) });
    const path = `shares/${share}/compare?${query}`;
    return (await this.call('GET', path, readChanges)).entries;
  }

  /** How one file differs between two versions. */
  diff(share: number, from: number, to: number, path: string): Promise<FileDiff> {
    const query = new URLSearchParams({ from: String(from), to: String(to), path });
    return this.call('GET', `shares/${share}/compare?${query}`, readDiff);
  }

  /** Say whether the files that are gone were deleted for everyone. */
  async answer(folder: FolderKey, isDeletion: boolean): Promise<void> {
    const { share, place } = folder;
    const body = { share, place, is_deletion: isDeletion };
    await this.call('POST', 'folders/answer', nothing, body);
  }

  /** Choose what stays of a conflict; of one cell, or of all. */
  async resolve(
    folder: FolderKey,
    conflict: string,
    cell: string | null,
    take: Take
  ): Promise<void> {
    const { share, place } = folder;
    const body = { share, place, conflict, cell, take };
    await this.call('POST', 'folders/resolve', nothing, body);
  }

  /** Take a conflict off the list. */
  async dismiss(folder: FolderKey, conflict: string): Promise<void> {
    const { share, place } = folder;
    await this.call('POST', 'folders/dismiss', nothing, { share, place, conflict });
  }

  /** Say which files are open in a page, which has a name of its own. */
  async present(page: string, paths: readonly string[]): Promise<void> {
    await this.call('PUT', 'presence', nothing, { page, paths });
  }

  /** Merge two notebooks that were made of a third. */
  merge(base: unknown, mine: unknown, theirs: unknown): Promise<Merged> {
    return this.call('POST', 'merge', readMerged, { base, mine, theirs });
  }

  /** Say that a save of a file begins or goes on, or is over; `save` is its name. */
  async saving(path: string, save: string, isOver: boolean): Promise<void> {
    const body = { path, page: save, is_over: isOver };
    await this.call('PUT', 'saving', nothing, body);
  }

  private async call<T>(
    method: string,
    path: string,
    reader: Reader<T>,
    body?: object
  ): Promise<T> {
    const init =
      body === undefined ? { method } : { method, body: JSON.stringify(body) };
    let response: Response;
    try {
      response = await this.send(path, init);
    } catch {
      throw new ServerError(
        0,
        'Your notebook server does not answer. Try again in a moment.'
      );
    }
    if (!response.ok) {
      throw new ServerError(response.status, await refusal(response));
    }
    return reader(reader === nothing ? null : await response.json(), path);
  }
}

async function refusal(response: Response): Promise<string> {
  try {
    const { message, problems } = readRefusal(await response.json(), 'answer');
    const more = (problems ?? []).map(({ place, reason, remedy }) =>
      [place ? `${place}: ${reason}` : reason, remedy ?? ''].join(' ').trim()
    );
    return [message, ...more].join(' ');
  } catch {
    return `The notebook server answered ${response.status}. Try again in a moment.`;
  }
}
