/** What the panel shows: one value for the views. */

import type { PlaceOf } from './act.js';
import type {
  Audience,
  ChangedFile,
  Detail,
  FileDiff,
  Origin,
  People,
  SharingState,
  Version
} from './answer.js';

/** A sentence next to what it is about. */
export interface Note {
  readonly words: string;
  readonly isProblem: boolean;
}

/** The form that shares a folder. */
export interface FormShown extends PlaceOf {
  readonly kind: 'form';
  /** The share that the folder is; `null` before it is one. */
  readonly share: number | null;
  /** How many files the folder has, in words; empty while they are counted. */
  readonly extent: string;
  readonly audience: Audience;
  readonly principal: string;
  readonly right: 'view' | 'edit';
  /** One of `UNTIL`. */
  readonly until: string;
  /** The day that the user has chosen, as 2026-11-28. */
  readonly date: string;
  readonly offered: People;
  /** Counts what was shared, so that the field is empty afterwards. */
  readonly round: number;
}

/** The versions of a share. */
export interface VersionsShown {
  readonly kind: 'versions';
  readonly share: number;
  readonly title: string;
  /** `null` while they are loaded. */
  readonly list: readonly Version[] | null;
  /** What changed with a version, by its number. */
  readonly changes: ReadonlyMap<number, readonly ChangedFile[]>;
  /** What changed in a file, by number and path. */
  readonly diffs: ReadonlyMap<string, FileDiff>;
}

/** The lists of shares. */
export interface ListsShown {
  readonly kind: 'lists';
}

/** Everything that the panel shows. */
export interface PanelShown {
  readonly state: SharingState;
  /** The time, in epoch milliseconds. */
  readonly now: number;
  readonly page: ListsShown | FormShown | VersionsShown;
  readonly opened: ReadonlySet<string>;
  readonly letters: string;
  readonly limits: ReadonlyMap<string, number>;
  readonly asking: string | null;
  readonly busy: ReadonlySet<string>;
  readonly notes: ReadonlyMap<string, Note>;
  readonly details: ReadonlyMap<number, Detail>;
  /** The folder in the file browser; `null` for the user's home. */
  readonly folder: PlaceOf | null;
  /** Where that folder was copied from; `null` for one that is no copy. */
  readonly origin: Origin | null;
}

/** How many items of a list are shown at first, and added by "Show more". */
export const STEP = 30;

/** The key of a diff. */
export function diffKey(seq: number, path: string): string {
  return `${seq} ${path}`;
}
