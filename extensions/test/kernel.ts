/** A kernel that behaves: subshells, comms, restarts, and a cell that keeps it busy. */

import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import type { KernelPort } from '../src/kernel.js';

type Message = KernelMessage.IMessage & {
  header: { subshell_id?: string };
  content: Record<string, unknown>;
};

/** What kind of kernel it is. */
export interface KernelOptions {
  readonly language?: string;
  readonly hasSubshells?: boolean;
  readonly comms?: readonly string[];
  /** A cell runs: whatever goes to the main shell waits, `kernel_info` too. */
  readonly isBusy?: boolean;
}

/** A stateful stand-in for a kernel and JupyterLab's connection to it. */
export class FakeKernel {
  readonly clientId = 'client';
  readonly username = 'somebody';
  readonly isDisposed = false;
  readonly iopubMessage = new Signal<this, KernelMessage.IIOPubMessage>(this);
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly connectionStatusChanged = new Signal<this, Kernel.ConnectionStatus>(this);
  readonly subshells = new Set<string>();
  /** Every comm message that was handled, with the shell that handled it. */
  readonly handled: { id: unknown; data: unknown; shell: string | null }[] = [];
  /** Every message that was sent, by type. */
  readonly sent: string[] = [];
  status: Kernel.Status = 'idle';
  connectionStatus: Kernel.ConnectionStatus = 'connected';
  private made = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly ends: ((error: Error) => void)[] = [];

  constructor(private readonly options: KernelOptions = {}) {}

  /** The same kernel as the type that the channel takes. */
  get port(): KernelPort {
    return this as unknown as KernelPort;
  }

  get spec(): Promise<unknown> {
    return Promise.resolve({ language: this.options.language ?? 'python' });
  }

  get info(): Promise<unknown> {
    const features = this.hasSubshells ? ['kernel subshells'] : [];
    const info = { supported_features: features };
    return this.options.isBusy ? new Promise(() => undefined) : Promise.resolve(info);
  }

  sendControlMessage(message: Message): { done: Promise<unknown> } {
    return this.reply(message, () => {
      const content: Record<string, unknown> = { status: 'ok' };
      if (message.header.msg_type === 'create_subshell_request') {
        this.made += 1;
        content.subshell_id = `subshell-${this.made}`;
        this.subshells.add(`subshell-${this.made}`);
      } else {
        this.subshells.delete(String(message.content.subshell_id));
      }
      return content;
    });
  }

  sendShellMessage(message: Message): { done: Promise<unknown> } {
    const shell = message.header.subshell_id ?? null;
    const answer = (): Record<string, unknown> => {
      if (message.header.msg_type === 'comm_info_request') {
        const comms = this.options.comms ?? [];
        return { comms: Object.fromEntries(comms.map(id => [id, {}])) };
      }
      const { comm_id, data } = message.content;
      this.handled.push({ id: comm_id, data, shell });
      return {};
    };
    const isHeld = shell === null && this.options.isBusy === true;
    return this.reply(message, answer, isHeld);
  }

  /** The running cell ends. */
  endCell(): void {
    for (const go of this.waiting.splice(0)) {
      go();
    }
  }

  /** Say something on iopub, as a kernel-owned comm does. */
  publish(commId: string, data: unknown): void {
    const message = {
      header: { msg_type: 'comm_msg' },
      content: { comm_id: commId, data }
    };
    this.iopubMessage.emit(message as unknown as KernelMessage.IIOPubMessage);
  }

  /** Restart as JupyterLab does: what was asked is cancelled, subshells are gone. */
  restart(): void {
    this.change('restarting');
    this.subshells.clear();
    for (const end of this.ends.splice(0)) {
      end(new Error('Canceled future for comm_info_request message before replies'));
    }
    this.reconnect();
    this.change('idle');
  }

  /** Lose the websocket and find it again. */
  reconnect(): void {
    for (const status of ['connecting', 'connected'] as const) {
      this.connectionStatus = status;
      this.connectionStatusChanged.emit(status);
    }
  }

  private get hasSubshells(): boolean {
    return this.options.hasSubshells ?? true;
  }

  private change(status: Kernel.Status): void {
    this.status = status;
    this.statusChanged.emit(status);
  }

  private reply(
    message: Message,
    answer: () => Record<string, unknown>,
    isHeld = false
  ): { done: Promise<unknown> } {
    this.sent.push(message.header.msg_type);
    const done = new Promise<unknown>((resolve, reject) => {
      this.ends.push(reject);
      const go = (): void => resolve({ content: answer() });
      isHeld ? this.waiting.push(go) : setImmediate(go);
    });
    return { done };
  }
}

/** Wait until `condition` holds, at most two seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 2000;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error('The condition did not come true.');
    }
    await new Promise(resolve => setImmediate(resolve));
  }
}
