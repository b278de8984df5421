/**
 * The notebook's channel to the parts of Cygnet that run in its kernel.
 *
 * The kernel owns its comms and their ids are constants, so the page listens for
 * these ids and never opens a comm: what a reloaded page, a second page or a
 * second notebook of the same kernel receives does not depend on which came first.
 * JupyterLab gives only one of its connections to a kernel the right to have
 * comms, so the messages are taken from iopub itself.
 */

import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';

import {
  createSubshell,
  deleteSubshell,
  isPython,
  type KernelPort,
  listComms,
  sendComm
} from './kernel.js';

/** A listener of a channel. */
export interface Listener {
  /** A message came on the comm `id`. */
  received(id: string, data: unknown): void;
  /** The kernel has listed its comms; none for another language. */
  listed(comms: ReadonlySet<string>): void;
  /** The kernel ended or started again: whatever ran in it is gone. */
  lost(): void;
}

/** Greets a kernel that has the comms, and carries messages both ways. */
export class Channel implements IDisposable {
  private line: Promise<string | null> = Promise.resolve(null);
  private subshell: string | null = null;
  private turn = 0;
  private disposed = false;

  /**
   * @param kernel The connection of one notebook.
   * @param ids The comm ids to listen for.
   * @param listener Receives messages and changes.
   */
  constructor(
    private readonly kernel: KernelPort,
    private readonly ids: readonly string[],
    private readonly listener: Listener
  ) {
    kernel.iopubMessage.connect(this.onMessage, this);
    kernel.statusChanged.connect(this.onStatus, this);
    kernel.connectionStatusChanged.connect(this.onConnection, this);
    this.onConnection(kernel, kernel.connectionStatus);
  }

  /** Whether the channel was disposed. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  /** Send a message to the comm `id`, past the cell that may be running. */
  send(id: string, data: object): void {
    const sent = this.line.then(subshell => {
      if (!this.disposed && !this.kernel.isDisposed) {
        sendComm(this.kernel, subshell, id, data);
      }
    });
    sent.catch(warn);
  }

  /** Stop listening and give the subshell back. */
  dispose(): void {
    if (this.disposed) {
      return;
    }
    this.disposed = true;
    this.kernel.iopubMessage.disconnect(this.onMessage, this);
    this.kernel.statusChanged.disconnect(this.onStatus, this);
    this.kernel.connectionStatusChanged.disconnect(this.onConnection, this);
    this.turn += 1;
    this.release();
  }

  private onMessage(_: unknown, message: KernelMessage.IIOPubMessage): void {
    if (message.header.msg_type !== 'comm_msg') {
      return;
    }
    const content = message.content as { comm_id?: unknown; data?: unknown };
    const id = this.ids.find(known => known === content.comm_id);
    if (id === undefined) {
      return;
    }
    // Whatever a listener makes of a message must not stop JupyterLab's own
    // handling of the kernel's messages.
    try {
      this.listener.received(id, content.data);
    } catch (error) {
      warn(error);
    }
  }

  private onStatus(_: unknown, status: Kernel.Status): void {
    if (['restarting', 'autorestarting', 'terminating', 'dead'].includes(status)) {
      this.turn += 1;
      // It died with the kernel: there is nothing to give back.
      this.subshell = null;
      this.listener.lost();
    }
  }

  private onConnection(_: unknown, status: Kernel.ConnectionStatus): void {
    // A message sent earlier would wait in JupyterLab's queue for `kernel_info`.
    if (status === 'connected') {
      this.release();
      this.line = this.open().catch(error => {
        warn(error);
        return null;
      });
    }
  }

  private async open(): Promise<string | null> {
    this.turn += 1;
    const turn = this.turn;
    if (!(await isPython(this.kernel))) {
      this.listener.listed(new Set());
      return null;
    }
    const subshell = await createSubshell(this.kernel);
    // A restart or a second connection came in between; theirs is the one in use.
    if (turn !== this.turn) {
      if (subshell !== null) {
        deleteSubshell(this.kernel, subshell);
      }
      return null;
    }
    this.subshell = subshell;
    // Nobody waits for the greeting: a Stop must not queue behind it.
    void this.greet(subshell, turn);
    return subshell;
  }

  private async greet(subshell: string | null, turn: number): Promise<void> {
    try {
      const comms = await listComms(this.kernel, subshell);
      if (turn === this.turn) {
        this.listener.listed(comms);
        for (const id of this.ids.filter(it => comms.has(it))) {
          sendComm(this.kernel, subshell, id, { type: 'hello' });
        }
      }
    } catch {
      // A restart throws away what was asked; the next connection asks again.
    }
  }

  private release(): void {
    const subshell = this.subshell;
    this.subshell = null;
    if (subshell !== null) {
      try {
        deleteSubshell(this.kernel, subshell);
      } catch (error) {
        warn(error);
      }
    }
  }
}

function warn(error: unknown): void {
  console.warn('Cygnet:', error);
}
