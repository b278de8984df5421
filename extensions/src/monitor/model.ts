/**
 * The work of one kernel, by execution, from its frames.
 *
 * Frames are snapshots that leave out what did not fit; what a later frame no
 * longer mentions stays as it was. Cells on a page play no part.
 */

import type { Application, Cell, Executors, Frame, Saved } from '../frame.js';
import { type EndedWith, isRunning, keyOf, type Work } from './work.js';

/** How many executions are remembered. */
const LIMIT = 200;

/** How long silence is nothing special: two heartbeats may be late. */
const CALM_MS = 4000;

interface Entry {
  application: Application;
  executors: Executors;
  cell: Cell;
  /** The kernel's clock when it reported this. */
  reported_ms: number;
  endedWith: EndedWith;
  isStopping: boolean;
  /** Seen running, or new after the first frame: not just history. */
  isFresh: boolean;
  /** Nothing to show any more, unless it runs again. */
  isSettled: boolean;
}

/** The work of one kernel, by execution. */
export class WorkModel {
  private readonly entries = new Map<string, Entry>();
  private received_ms = 0;
  private at_ms = 0;
  private isGreeted = false;

  /**
   * Take in a frame.
   *
   * @param frame The frame.
   * @param now The page's clock, in epoch milliseconds.
   */
  absorb(frame: Frame, now: number): void {
    const { application, executors } = frame;
    for (const cell of frame.cells) {
      const key = keyOf({ application, cell });
      const known = this.entries.get(key);
      if (known !== undefined && known.reported_ms > frame.at_ms) {
        continue;
      }
      const isFresh = known?.isFresh === true || cell.state === 'running';
      this.entries.set(key, {
        application,
        executors,
        cell,
        reported_ms: frame.at_ms,
        endedWith: application.state === 'running' ? 'none' : 'session',
        isStopping: known?.isStopping ?? false,
        isFresh: isFresh || (known === undefined && this.isGreeted),
        isSettled: known?.isSettled ?? false
      });
    }
    for (const entry of this.entries.values()) {
      this.follow(entry, application);
    }
    this.received_ms = now;
    this.at_ms = frame.at_ms;
    this.isGreeted = true;
    this.trim();
  }

  /** The kernel is gone: what was running ended with it. */
  lose(): void {
    for (const entry of this.entries.values()) {
      if (isRunning(entry)) {
        entry.endedWith = 'kernel';
      }
    }
    // The next frame is the first one of another kernel.
    this.isGreeted = false;
  }

  /** Note that the user has asked to stop the work `key`. */
  stopping(key: string): void {
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      entry.isStopping = true;
    }
  }

  /**
   * Take in a saved output; it may be newer than the newest frame.
   *
   * @returns What is known now, or `null` for work of no frame.
   */
  learn(saved: Saved, now: number): Work | null {
    const entry = this.entries.get(keyOf(saved));
    if (entry === undefined) {
      return null;
    }
    if (saved.saved_ms >= entry.reported_ms) {
      entry.cell = saved.cell;
      entry.reported_ms = saved.saved_ms;
    }
    return this.workOf(entry, now);
  }

  /** The work `key` stands in an output: `works` leaves it out once it has ended. */
  settle(key: string): void {
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      entry.isSettled = true;
    }
  }

  /** The outputs of a cell are gone, and with them what had ended. */
  clear(cellId: string): void {
    for (const entry of this.entries.values()) {
      if (entry.cell.cell_id === cellId && !isRunning(entry)) {
        entry.isSettled = true;
      }
    }
  }

  /** Whether the work `key` is more than the history of a first frame. */
  isFresh(key: string): boolean {
    return this.entries.get(key)?.isFresh ?? false;
  }

  /**
   * Everything that runs or is not settled, oldest first.
   *
   * @param now The page's clock, in epoch milliseconds.
   */
  works(now: number): readonly Work[] {
    const works = [...this.entries.values()]
      .filter(entry => isRunning(entry) || !entry.isSettled)
      .map(entry => this.workOf(entry, now));
    return works.sort((a, b) => a.cell.started_ms - b.cell.started_ms);
  }

  private follow(entry: Entry, current: Application): void {
    // One JVM has one context: a new application means that the others ended.
    if (entry.application.id !== current.id) {
      entry.endedWith = entry.endedWith === 'none' ? 'session' : entry.endedWith;
    } else {
      entry.application = current;
      entry.endedWith = current.state === 'running' ? 'none' : 'session';
    }
  }

  private workOf(entry: Entry, now: number): Work {
    const { application, executors, cell, endedWith } = entry;
    const since = Math.max(0, now - this.received_ms);
    const runs = isRunning(entry);
    return {
      application,
      executors,
      cell,
      endedWith,
      // The kernel's clock goes on from its last frame, whatever the page's clock shows.
      at_ms: runs ? this.at_ms + since : this.at_ms,
      isStopping: runs && entry.isStopping,
      silent_ms: runs && since > CALM_MS ? since : 0
    };
  }

  private trim(): void {
    for (const [key, entry] of this.entries) {
      if (this.entries.size <= LIMIT) {
        return;
      }
      if (!isRunning(entry)) {
        this.entries.delete(key);
      }
    }
  }
}
