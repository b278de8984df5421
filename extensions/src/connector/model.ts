/** The user's choices and requests in the connector's panel of one notebook. */

import type { Toggle } from '../disclosure.js';
import { type Choice, firstChoice, inOrder, pick } from './choice.js';
import type { BundleChoice, ConnectorState } from './state.js';

/** What the user can do in the panel. */
export interface ConnectorActions {
  readonly pick: (bundle: BundleChoice) => void;
  readonly connect: () => void;
  readonly cancel: () => void;
  readonly disconnect: () => void;
  readonly toggle: Toggle;
}

/** What the panel shows of one notebook. */
export interface ConnectorShown {
  readonly state: ConnectorState;
  readonly choice: Choice;
  /** The parts that are open: `settings`, `log` and `printed`. */
  readonly opened: ReadonlySet<string>;
  /** Whether the kernel has not answered the last click yet. */
  readonly isWaiting: boolean;
}

/** The connector's state together with what the user has done to it. */
export class ConnectorModel {
  private state: ConnectorState | null = null;
  private choice: Choice | null = null;
  private isWaiting = false;
  private readonly opened = new Set<string>();

  /** @param send Sends a message to the kernel's connector. */
  constructor(private readonly send: (message: object) => void) {}

  /** What to show, or `null` while no connector has sent a state. */
  get shown(): ConnectorShown | null {
    const { state, opened, isWaiting } = this;
    return state && { state, choice: this.chosen(state), opened, isWaiting };
  }

  /** Take in a state, or `null` when the kernel is gone. */
  absorb(state: ConnectorState | null): void {
    this.state = state;
    this.isWaiting = false;
  }

  /** Ask for the state of now: a bundle's file may have come since. */
  refresh(): void {
    if (this.state !== null) {
      this.send({ type: 'hello' });
    }
  }

  /** Choose a bundle, or give it up. */
  pick(bundle: BundleChoice): void {
    if (this.state !== null) {
      this.choice = pick(this.state.catalog, this.chosen(this.state), bundle);
    }
  }

  /** Open or close a part. */
  toggle(part: string): void {
    this.opened.delete(part) || this.opened.add(part);
  }

  /** Ask the kernel to connect with the chosen bundles. */
  connect(): void {
    if (this.state !== null) {
      const bundles = inOrder(this.state.catalog, this.chosen(this.state));
      this.ask({ type: 'connect', bundles });
    }
  }

  /** Ask the kernel to give up connecting, or to end the session. */
  end(type: 'cancel' | 'disconnect'): void {
    this.ask({ type });
  }

  private ask(message: object): void {
    this.isWaiting = true;
    this.send(message);
  }

  private chosen({ catalog, chosen }: ConnectorState): Choice {
    // What the user chose counts as long as it is offered; a file may vanish.
    const offered = new Set(catalog.map(it => it.name));
    const kept = [...(this.choice ?? [])].filter(name => offered.has(name));
    return this.choice === null
      ? firstChoice(catalog, chosen)
      : firstChoice(catalog, kept);
  }
}
