/** What the notebook server answers about shares, checked on arrival. */

import {
  atMost,
  count,
  fields,
  flag,
  list,
  maybe,
  oneOf,
  type Reader,
  text
} from '../wire.js';

/** What a person may do with a share. */
export type Right = 'view' | 'edit' | 'own';

/** To whom a right is granted. */
export type Audience = 'user' | 'group' | 'everyone';

/** What a folder that follows a share does. */
export type FolderPhase =
  | 'starts'
  | 'follows'
  | 'works'
  | 'away'
  | 'asks'
  | 'stopped'
  | 'ended';

/** The user, and what the installation lets them do. */
export interface Me {
  readonly name: string;
  /** Whether there are several people here at all. */
  readonly several: boolean;
  /** Whether one may share with everyone who can log in. */
  readonly everyone: boolean;
  /** Whether names are offered while one types. */
  readonly list_names: boolean;
  /** Where the service's own pages are, with a slash at the end. */
  readonly pages: string;
  /** The bytes that the user's shares take. */
  readonly bytes: number;
  /** The bytes that they may take; 0 where there is no limit. */
  readonly quota: number;
}

/** A share in a list. Times are ISO 8601. */
export interface Share {
  readonly id: number;
  readonly title: string;
  readonly owner: string;
  readonly is_mine: boolean;
  readonly right: Right;
  /** The number of the newest version, 0 before there is one. */
  readonly head: number;
  readonly files: number;
  readonly bytes: number;
  readonly changed_at: string | null;
  readonly changed_by: string | null;
  readonly expires: string | null;
  /** Whether others may see it. */
  readonly is_shared: boolean;
}

/** A cell that two people have changed; `null` where one has deleted it. */
export interface CellConflict {
  readonly id: string | null;
  readonly kind: string;
  readonly mine: string | null;
  readonly theirs: string | null;
}

/** A file that two people have changed. */
export interface Conflict {
  readonly id: string;
  readonly path: string;
  readonly kind: string;
  /** The file that holds the other version, where there is one. */
  readonly other: string | null;
  readonly cells: readonly CellConflict[];
}

/** Who has which files of a share open. */
export interface Present {
  readonly name: string;
  readonly paths: readonly string[];
}

/** A file that another person has changed. */
export interface Changed {
  readonly path: string;
  readonly by: string;
  readonly at: string;
}

/** A folder of the user that follows a share; paths are relative to `place`. */
export interface Folder {
  readonly share: number;
  readonly place: string;
  readonly title: string;
  readonly owner: string;
  readonly right: Right;
  readonly phase: FolderPhase;
  readonly message: string;
  /** Whether there is no folder, which can be brought back. */
  readonly is_missing: boolean;
  readonly seq: number;
  readonly head: number;
  /** How many files of the user are not sent yet. */
  readonly waiting: number;
  readonly progress: Progress | null;
  readonly gone: readonly string[];
  readonly left_out: Readonly<Record<string, string>>;
  readonly conflicts: readonly Conflict[];
  readonly present: readonly Present[];
  readonly changed: readonly Changed[];
  readonly is_mine: boolean;
  /** Whether it becomes a folder of the user's own, which follows nothing. */
  readonly is_copy: boolean;
}

/** How far a transfer is. */
export interface Progress {
  readonly done_bytes: number;
  readonly all_bytes: number;
}

/** Everything that a page shows without being asked. */
export interface SharingState {
  readonly version: number;
  readonly me: Me | null;
  /** What to say while the service is away; empty when it is there. */
  readonly sentence: string;
  /** Whether the lists were read since the server has started. */
  readonly is_listed: boolean;
  readonly mine: readonly Share[];
  readonly others: readonly Share[];
  readonly folders: readonly Folder[];
}

/** A right that an audience has. */
export interface Grant {
  readonly audience: Audience;
  readonly principal: string;
  readonly right: Right;
  readonly expires: string | null;
}

/** A person who has opened a share. */
export interface Opened {
  readonly name: string;
  readonly seq: number;
  readonly seen_at: string | null;
}

/** What its owner may know of a share. */
export interface Detail {
  readonly grants: readonly Grant[];
  readonly opened: readonly Opened[];
  readonly present: readonly Present[];
}

/** A version of a share. */
export interface Version {
  readonly seq: number;
  readonly published_by: string;
  readonly published_at: string;
  readonly files: number;
  readonly bytes: number;
  readonly note: string;
  readonly name: string;
}

/** What became of a file from one version to another. */
export interface ChangedFile {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'moved';
  readonly from_path: string | null;
}

/** What became of a cell. */
export interface ChangedCell {
  readonly kind: 'same' | 'added' | 'removed' | 'changed' | 'moved';
  readonly cell_type: string | null;
  readonly source_from: string | null;
  readonly source_to: string | null;
  readonly is_output_changed: boolean;
}

/** What became of what is in a file. */
export interface FileDiff {
  readonly kind: 'notebook' | 'text' | 'binary';
  readonly cells: readonly ChangedCell[];
}

/** Whom one may share with. */
export interface People {
  readonly people: readonly string[];
  readonly groups: readonly string[];
}

const right = oneOf(['view', 'edit', 'own']);

/** What `reader` takes, or a value for nothing at all. */
function otherwise<T>(reader: Reader<T>, fallback: T): Reader<T> {
  return (value, where) => maybe(reader)(value, where) ?? fallback;
}

const texts: Reader<Readonly<Record<string, string>>> = (value, where) => {
  const entries = fields<Record<string, string>>({})(value, where);
  for (const [key, it] of Object.entries(value as object)) {
    // Not by assignment: a file may be called as a thing that all objects have.
    Object.defineProperty(entries, key, {
      value: text(it, where),
      enumerable: true
    });
  }
  return entries;
};

const readMe = fields<Me>({
  name: text,
  several: flag,
  everyone: flag,
  list_names: flag,
  pages: otherwise(text, ''),
  bytes: otherwise(count, 0),
  quota: otherwise(count, 0)
});

const readShare = fields<Share>({
  id: count,
  title: text,
  owner: text,
  is_mine: flag,
  right,
  head: count,
  files: otherwise(count, 0),
  bytes: otherwise(count, 0),
  changed_at: maybe(text),
  changed_by: maybe(text),
  expires: maybe(text),
  is_shared: otherwise(flag, false)
});

const readConflict = fields<Conflict>({
  id: text,
  path: text,
  kind: text,
  other: maybe(text),
  cells: list(
    fields<CellConflict>({
      id: maybe(text),
      kind: text,
      mine: maybe(text),
      theirs: maybe(text)
    })
  )
});

const readPresent = fields<Present>({ name: text, paths: list(text) });

const readFolder = fields<Folder>({
  share: count,
  place: text,
  title: text,
  owner: text,
  right,
  phase: oneOf(['starts', 'follows', 'works', 'away', 'asks', 'stopped', 'ended']),
  message: text,
  is_missing: flag,
  seq: count,
  head: count,
  waiting: count,
  progress: maybe(fields<Progress>({ done_bytes: count, all_bytes: count })),
  gone: list(text),
  left_out: texts,
  conflicts: list(readConflict),
  present: list(readPresent),
  changed: atMost(100, fields<Changed>({ path: text, by: text, at: text })),
  is_mine: flag,
  is_copy: otherwise(flag, false)
});

/** Reads `state`. */
export const readState: Reader<SharingState> = fields<SharingState>({
  version: count,
  me: maybe(readMe),
  sentence: text,
  is_listed: flag,
  mine: list(readShare),
  others: list(readShare),
  folders: list(readFolder)
});

/** Reads `shares/ID`. */
export const readDetail: Reader<Detail> = fields<Detail>({
  grants: list(
    fields<Grant>({
      audience: oneOf(['user', 'group', 'everyone']),
      principal: text,
      right,
      expires: maybe(text)
    })
  ),
  opened: otherwise(
    list(fields<Opened>({ name: text, seq: count, seen_at: maybe(text) })),
    []
  ),
  present: otherwise(list(readPresent), [])
});

/** Reads `shares/ID/versions`. */
export const readVersions: Reader<{ readonly snapshots: readonly Version[] }> = fields({
  snapshots: list(
    fields<Version>({
      seq: count,
      published_by: text,
      published_at: text,
      files: otherwise(count, 0),
      bytes: otherwise(count, 0),
      note: otherwise(text, ''),
      name: otherwise(text, '')
    })
  )
});

/** Reads `shares/ID/compare` of two versions. */
export const readChanges: Reader<{ readonly entries: readonly ChangedFile[] }> = fields(
  {
    entries: list(
      fields<ChangedFile>({
        path: text,
        kind: oneOf(['added', 'removed', 'changed', 'moved']),
        from_path: maybe(text)
      })
    )
  }
);

/** Reads `shares/ID/compare` of one file. */
export const readDiff: Reader<FileDiff> = fields<FileDiff>({
  kind: oneOf(['notebook', 'text', 'binary']),
  cells: otherwise(
    list(
      fields<ChangedCell>({
        kind: oneOf(['same', 'added', 'removed', 'changed', 'moved']),
        cell_type: maybe(text),
        source_from: maybe(text),
        source_to: maybe(text),
        is_output_changed: otherwise(flag, false)
      })
    ),
    []
  )
});

/** Reads `people`. */
export const readPeople: Reader<People> = (value, where) => {
  const found = fields({ people: list(fields({ name: text })), groups: list(text) })(
    value,
    where
  );
  return { people: found.people.map(it => it.name), groups: found.groups };
};

/** Reads where a folder is. */
export const readPlace: Reader<{ readonly place: string }> = fields({ place: text });

/** Reads the id of a new share. */
export const readId: Reader<{ readonly id: number }> = fields({ id: count });

/** Where a copy came from. */
export interface Origin {
  readonly title: string;
  readonly owner: string;
  /** The version. */
  readonly seq: number;
  readonly at: string;
}

/** Reads `origin`. */
export const readOrigin: Reader<{ readonly origin: Origin | null }> = fields({
  origin: maybe(fields<Origin>({ title: text, owner: text, seq: count, at: text }))
});

/** Three notebooks merged into one. */
export interface Merged {
  readonly notebook: unknown;
  readonly conflicts: readonly CellConflict[];
}

/** Reads `merge`. */
export const readMerged: Reader<Merged> = fields<Merged>({
  notebook: value => value,
  conflicts: list(
    fields<CellConflict>({
      id: maybe(text),
      kind: text,
      mine: maybe(text),
      theirs: maybe(text)
    })
  )
});
