/** Cygnet's part of one notebook: its kernel's Spark. */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { Channel } from './channel.js';
import { ConnectorModel } from './connector/model.js';
import { CONNECTOR_CHANNEL, readConnectorMessage } from './connector/state.js';
import { MONITOR_CHANNEL } from './frame.js';
import { NotebookMonitor } from './monitor/notebookmonitor.js';

/** The channel of one notebook's kernel and what stands at its two ends. */
export class NotebookController implements IDisposable {
  /** Emitted when anything that the sidebar shows may have changed. */
  readonly changed = new Signal<this, void>(this);
  /** The monitor's part. */
  readonly monitor: NotebookMonitor;
  /** The connector's part. */
  readonly connector: ConnectorModel;
  private channel: Channel | null = null;
  private comms: ReadonlySet<string> | null = null;
  private disposed = false;

  /** @param panel The notebook, whose content has been loaded. */
  constructor(readonly panel: NotebookPanel) {
    this.monitor = new NotebookMonitor(panel, message =>
      this.channel?.send(MONITOR_CHANNEL, message)
    );
    this.connector = new ConnectorModel(message =>
      this.channel?.send(CONNECTOR_CHANNEL, message)
    );
    this.monitor.changed.connect(this.onChange, this);
    panel.sessionContext.statusChanged.connect(this.onChange, this);
    panel.sessionContext.kernelChanged.connect(this.onKernel, this);
    this.listen();
  }

  /** Whether this was disposed. */
  get isDisposed(): boolean {
    return this.disposed;
  }

  /** The notebook's file name. */
  get name(): string {
    return this.panel.title.label;
  }

  /** Whether the kernel has a connector; `null` while that is not known. */
  get hasConnector(): boolean | null {
    return this.comms?.has(CONNECTOR_CHANNEL) ?? null;
  }

  /** Stop listening and take the panels away. */
  dispose(): void {
    if (this.disposed) {
      return;
    }
    this.disposed = true;
    this.channel?.dispose();
    this.monitor.dispose();
    Signal.clearData(this);
  }

  private listen(): void {
    const kernel = this.panel.sessionContext.session?.kernel;
    this.channel?.dispose();
    this.channel = null;
    if (kernel) {
      const ids = [MONITOR_CHANNEL, CONNECTOR_CHANNEL];
      this.channel = new Channel(kernel, ids, {
        received: (id, data) => this.receive(id, data),
        listed: comms => this.onListed(comms),
        lost: () => this.lose()
      });
    }
  }

  private receive(id: string, data: unknown): void {
    if (id === MONITOR_CHANNEL) {
      this.monitor.receive(data);
      return;
    }
    const state = readConnectorMessage(data);
    if (state !== null) {
      this.connector.absorb(state);
      this.changed.emit();
    }
  }

  private onListed(comms: ReadonlySet<string>): void {
    this.comms = comms;
    this.changed.emit();
  }

  private lose(): void {
    this.comms = null;
    this.connector.absorb(null);
    this.monitor.lose();
    this.changed.emit();
  }

  private onKernel(_: ISessionContext): void {
    this.lose();
    this.listen();
  }

  private onChange(): void {
    this.changed.emit();
  }
}
