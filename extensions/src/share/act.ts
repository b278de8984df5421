/** What the user can do in the panel, as values. */

import type { Audience } from './answer.js';
import type { FolderKey, Take } from './server.js';

/** One thing that the notebook server does for the user. */
export type Act =
  | { readonly type: 'open'; readonly share: number }
  | { readonly type: 'clone'; readonly share: number; readonly seq: number | null }
  | { readonly type: 'leave'; readonly folder: FolderKey }
  | { readonly type: 'revoke'; readonly share: number; readonly of: GrantKey }
  | { readonly type: 'unshare'; readonly share: number }
  | { readonly type: 'end'; readonly share: number }
  | { readonly type: 'keep'; readonly place: string; readonly title: string }
  | {
      readonly type: 'answer';
      readonly folder: FolderKey;
      readonly isDeletion: boolean;
    }
  | { readonly type: 'resolve'; readonly folder: FolderKey; readonly choice: Choice }
  | { readonly type: 'dismiss'; readonly folder: FolderKey; readonly conflict: string }
  | { readonly type: 'name'; readonly version: VersionKey; readonly name: string }
  | {
      readonly type: 'restore';
      readonly version: VersionKey;
      readonly paths: readonly string[] | null;
    };

/** Whose right a grant is. */
export interface GrantKey {
  readonly audience: Audience;
  readonly principal: string;
}

/** One version of a share. */
export interface VersionKey {
  readonly share: number;
  readonly seq: number;
}

/** What stays of a conflict; of one cell, or of all for `null`. */
export interface Choice {
  readonly conflict: string;
  readonly cell: string | null;
  readonly take: Take;
}

/** What the views call. */
export interface PanelActions {
  /** Open or close a part. */
  readonly toggle: (part: string) => void;
  /** Have an act done; what it says is shown at `place`. */
  readonly act: (place: string, act: Act) => void;
  /** Ask before an act, or take the question back with `null`. */
  readonly ask: (question: string | null) => void;
  /** Show only what has these letters in it. */
  readonly filter: (letters: string) => void;
  /** Show more of a list. */
  readonly more: (list: string) => void;
  /** Show a folder in the file browser. */
  readonly go: (place: string) => void;
  /** Put the address of a share's page in the clipboard. */
  readonly copyLink: (place: string, address: string) => void;
  /** Go to the form that shares a folder. */
  readonly share: (folder: PlaceOf) => void;
  /** Go to the versions of a share. */
  readonly versions: (share: number) => void;
  /** Go back to the lists. */
  readonly back: () => void;
  /** Change a field of the form. */
  readonly change: (field: FormField) => void;
  /** Share as the form says. */
  readonly submit: () => void;
  /** Open what changed with a version, or in a file of it. */
  readonly compare: (seq: number, path: string | null) => void;
}

/** A folder, by its place in the file browser, and what it is called. */
export interface PlaceOf {
  readonly place: string;
  readonly title: string;
}

/** A field of the form with its new value. */
export type FormField =
  | { readonly name: 'audience'; readonly value: Audience }
  | { readonly name: 'right'; readonly value: 'view' | 'edit' }
  | { readonly name: 'principal' | 'until' | 'date'; readonly value: string };
