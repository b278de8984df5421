/**
 * Keeps JupyterLab's status of the kernel true while a subshell answers.
 *
 * JupyterLab 4.6 takes the status that any message has for the kernel's own
 * (`KernelConnection._handleMessage`), so an answer from a subshell would make a
 * kernel "idle" whose main shell runs a cell. It leaves out the message types of a
 * page option; this can go when it distinguishes subshells.
 */

import { PageConfig } from '@jupyterlab/coreutils';

const OPTION = 'untracked_message_types';

/** After this time an answer is not waited for. */
const LONGEST_MS = 3000;

const waiting = new Map<string, number>();

/** Leave the status of messages of this type out, for good. */
export function untrackStatus(type: string): void {
  const types = untracked();
  if (!types.includes(type)) {
    PageConfig.setOption(OPTION, JSON.stringify([...types, type]));
  }
}

/** Leave the status of messages of this type out until `done` is settled. */
export function untrackStatusWhile(type: string, done: Promise<unknown>): void {
  waiting.set(type, (waiting.get(type) ?? 0) + 1);
  untrackStatus(type);
  let isOver = false;
  const speak = (): void => {
    if (!isOver) {
      isOver = true;
      trackStatus(type);
    }
  };
  const timer = setTimeout(speak, LONGEST_MS);
  // The status itself is looked at after the promise was settled.
  const soon = (): unknown => setTimeout(speak);
  done.then(soon, soon).finally(() => clearTimeout(timer));
}

function trackStatus(type: string): void {
  const left = (waiting.get(type) ?? 1) - 1;
  waiting.set(type, left);
  if (left === 0) {
    const rest = untracked().filter(it => it !== type);
    PageConfig.setOption(OPTION, JSON.stringify(rest));
  }
}

function untracked(): readonly string[] {
  const types: unknown = JSON.parse(PageConfig.getOption(OPTION) || '[]');
  return Array.isArray(types) ? types : [];
}
