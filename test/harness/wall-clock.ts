/** Sets the wall clock that this process reads, as an administrator may do during a run. */

const HOUR_MS = 3_600_000;

/** `use` sets the clock back by an hour with its argument; what it returns has to have settled. */
export async function withWallClock(use: (setBack: () => void) => Promise<void>): Promise<void> {
  const { now } = Date;
  let aheadMs = 0;
  Date.now = () => now() + aheadMs;
  try {
    await use(() => {
      aheadMs = -HOUR_MS;
    });
  } finally {
    Date.now = now;
  }
}
