/** Fewer calls: one at once, then at most one in each interval. */

/** Calls `action` now, or as soon as the interval since the last call is over. */
export class Throttle {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private last = Number.NEGATIVE_INFINITY;

  /**
   * @param interval_ms The least time between two calls.
   * @param action What to call.
   */
  constructor(
    private readonly interval_ms: number,
    private readonly action: () => void
  ) {}

  /** Ask for a call. */
  request(): void {
    if (this.timer !== null) {
      return;
    }
    const wait = this.last + this.interval_ms - performance.now();
    if (wait <= 0) {
      this.run();
    } else {
      this.timer = setTimeout(() => this.run(), wait);
    }
  }

  /** Drop a call that is still to come. */
  stop(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }

  private run(): void {
    this.timer = null;
    this.last = performance.now();
    this.action();
  }
}
