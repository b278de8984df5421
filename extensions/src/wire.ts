/**
 * Small readers that turn unknown JSON into typed values, or say what is wrong.
 */

/** Checks one value; `where` names it in the error. */
export type Reader<T> = (value: unknown, where: string) => T;

/** A message or a saved output that is not what `docs/reference/wire.md` says. */
export class WireError extends Error {
  /**
   * @param where The path of the field.
   * @param wanted What should have been there.
   */
  constructor(
    readonly where: string,
    readonly wanted: string
  ) {
    super(`${where} must be ${wanted}`);
    this.name = 'WireError';
  }
}

/** A text of any length. */
export const text: Reader<string> = (value, where) => {
  if (typeof value !== 'string') {
    throw new WireError(where, 'a text');
  }
  return value;
};

/** A finite number that is not negative. */
export const count: Reader<number> = (value, where) => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new WireError(where, 'a number, at least 0');
  }
  return value;
};

/** True or false. */
export const flag: Reader<boolean> = (value, where) => {
  if (typeof value !== 'boolean') {
    throw new WireError(where, 'true or false');
  }
  return value;
};

/** `null` (or nothing at all), else what `reader` takes. */
export function maybe<T>(reader: Reader<T>): Reader<T | null> {
  return (value, where) =>
    value === null || value === undefined ? null : reader(value, where);
}

/** One of a few words. */
export function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (value, where) => {
    const found = words.find(word => word === value);
    if (found === undefined) {
      throw new WireError(where, `one of ${words.join(', ')}`);
    }
    return found;
  };
}

/** A list whose every item `reader` takes. */
export function list<T>(reader: Reader<T>): Reader<readonly T[]> {
  return atMost(10_000, reader);
}

/** A list with a bound on its length. */
export function atMost<T>(limit: number, reader: Reader<T>): Reader<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value) || value.length > limit) {
      throw new WireError(where, `a list of at most ${limit}`);
    }
    return value.map((item, index) => reader(item, `${where}[${index}]`));
  };
}

/** An object with the named fields; other fields are left out. */
export function fields<T extends object>(
  readers: {
    readonly [K in keyof T]: Reader<T[K]>;
  }
): Reader<T> {
  const names = Object.keys(readers) as (keyof T & string)[];
  return (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new WireError(where, 'an object');
    }
    const found = value as Record<string, unknown>;
    const result: Partial<T> = {};
    for (const name of names) {
      result[name] = readers[name](found[name], `${where}.${name}`);
    }
    return result as T;
  };
}
