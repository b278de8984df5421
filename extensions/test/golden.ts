/** The golden messages that the Scala, Python and TypeScript tests share. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type Frame, readFrame, readSaved, type Saved } from '../src/frame.js';

const FOLDER = join(process.cwd(), '..', 'tests', 'data');

/** The JSON of one golden file, a new copy each time. */
export function golden(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(FOLDER, path), 'utf8'));
}

/** The golden frame in which two cells have worked and one works. */
export function runningFrame(): Frame {
  return readFrame(golden('monitor/frame_running.json'));
}

/** A golden saved output. */
export function savedWork(state: 'succeeded' | 'failed' | 'stopped'): Saved {
  return readSaved(golden(`monitor/saved_${state}.json`));
}
