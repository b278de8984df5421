/** Names, times and sizes of shares as people read them. */

import { h, type VNode } from '../dom.js';
import { plural } from '../format.js';
import type { Audience, Grant, Right } from './answer.js';

// What would turn the order of the text around it, as cygnet_share/direction.py has it,
// or is no text at all.
const UNSHOWABLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Another person's words, without what would act on the words around them. */
export function plain(words: string): string {
  return words.replace(UNSHOWABLE, '\ufffd');
}

/** Another person's words as an element: cut where the room ends, whole as a title. */
export function named(words: string, className = ''): VNode {
  const shown = plain(words);
  const attributes = { key: 'name', dir: 'auto', title: shown };
  return h('bdi', { ...attributes, class: `cyg-Cut ${className}`.trim() }, shown);
}

/** 1.2 MB. */
export function size(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (value < 999.5 || unit === 'GB') {
      const digits = value < 10 && unit !== 'B' ? 1 : 0;
      return `${value.toFixed(digits)}\u00a0${unit}`;
    }
    value /= 1000;
  }
  return '';
}

/** "12 files, 3.2 MB". */
export function extent(files: number, bytes: number): string {
  return `${plural(files, 'file')}, ${size(bytes)}`;
}

/** The time of day of today, else the day and the time. */
export function when(iso: string, now: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) {
    return '';
  }
  const today = new Date(now);
  const time = at.toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23'
  });
  if (at.toDateString() === today.toDateString()) {
    return time;
  }
  const isThisYear = at.getFullYear() === today.getFullYear();
  const day = at.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' })
  });
  return `${day}, ${time}`;
}

/** "you", or the name. */
export function who(name: string, me: string): string {
  return name === me ? 'you' : plain(name);
}

const RIGHTS: Readonly<Record<Right, string>> = {
  view: 'can view',
  edit: 'can edit',
  own: 'owner'
};

/** What a right is called. */
export function rightWords(right: Right): string {
  return RIGHTS[right];
}

/** Whom a grant is for. */
export function audienceWords({ audience, principal }: AudienceOf): string {
  switch (audience) {
    case 'user':
      return plain(principal);
    case 'group':
      return `Group ${plain(principal)}`;
    case 'everyone':
      return 'Everyone who can log in';
  }
}

type AudienceOf = Pick<Grant, 'principal'> & { readonly audience: Audience };

/** "anna", "anna and ben", "anna, ben and 3 others". */
export function several(names: readonly string[]): string {
  const [first, second, ...rest] = names.map(plain);
  if (first === undefined || second === undefined) {
    return first ?? '';
  }
  const [third] = rest;
  if (third === undefined) {
    return `${first} and ${second}`;
  }
  return `${first}, ${second} and ${plural(rest.length, 'other')}`;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
