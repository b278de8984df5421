/** What the notebook server answers about shares, and a server that answers it. */

import type { Folder, Share, SharingState } from '../../src/share/answer.js';
import { ShareServer } from '../../src/share/server.js';

/** The time of all tests, on a day of its own in every time zone. */
export const NOW = new Date(2026, 10, 28, 12, 0).getTime();

/** A share of another person. */
export function share(more: Partial<Share> = {}): Share {
  return {
    id: 7,
    title: 'flights',
    owner: 'anna',
    is_mine: false,
    right: 'view',
    head: 3,
    files: 12,
    bytes: 3_200_000,
    changed_at: new Date(2026, 10, 28, 10, 41).toISOString(),
    changed_by: 'anna',
    expires: null,
    is_shared: true,
    ...more
  };
}

/** A folder that follows `share()`. */
export function folder(more: Partial<Folder> = {}): Folder {
  return {
    share: 7,
    place: 'Shared/anna/flights',
    title: 'flights',
    owner: 'anna',
    right: 'view',
    phase: 'follows',
    message: '',
    is_missing: false,
    seq: 3,
    head: 3,
    waiting: 0,
    progress: null,
    gone: [],
    left_out: {},
    conflicts: [],
    present: [],
    changed: [],
    is_mine: false,
    is_copy: false,
    ...more
  };
}

/** How everything stands for ben. */
export function state(more: Partial<SharingState> = {}): SharingState {
  return {
    version: 1,
    me: {
      name: 'ben',
      several: true,
      everyone: true,
      list_names: true,
      pages: 'https://hub.example.org/services/share/',
      bytes: 0,
      quota: 0
    },
    sentence: '',
    is_listed: true,
    mine: [],
    others: [],
    folders: [],
    ...more
  };
}

/** A request that a page has sent. */
export interface Sent {
  readonly call: string;
  readonly body: unknown;
}

/** A notebook server by its answers: "GET state" and so on to what it answers. */
export class StandIn {
  readonly sent: Sent[] = [];
  readonly server = new ShareServer((path, init) => this.send(path, init));

  /** @param answers JSON, or a status with JSON; what lacks is a 204. */
  constructor(readonly answers: Record<string, unknown | Refusal> = {}) {}

  /** The calls that were sent, without their bodies. */
  get calls(): readonly string[] {
    return this.sent.map(it => it.call);
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const call = `${init.method} ${path}`;
    this.sent.push({ call, body: init.body ? JSON.parse(String(init.body)) : null });
    const found = this.answers[call] ?? this.answers[call.split('?', 1)[0] ?? ''];
    if (found instanceof Refusal) {
      return Response.json(found.body, { status: found.status });
    }
    return found === undefined
      ? new Response(null, { status: 204 })
      : Response.json(found);
  }
}

/** An error of the notebook server. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly body: object
  ) {}
}

/** Waits until all that was asked for has been answered. */
export async function settled(): Promise<void> {
  for (let count = 0; count < 20; count += 1) {
    await new Promise(resolve => setImmediate(resolve));
  }
}
