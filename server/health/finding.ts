import { DAY, HOUR, MINUTE, SECOND } from '#server/lib/clock.js';

/** What one look at the installation found. The same by page, API, metrics and `doctor`. */
export interface Finding {
  /** What was looked at, in one word. */
  about: string;
  /** `warn`: somebody should look at it; `fail`: something does not work. */
  state: 'ok' | 'warn' | 'fail';
  text: string;
  /** The figures behind it, as the metrics have them: without `gatehouse_`, in seconds and bytes. */
  figures?: Readonly<Record<string, number>>;
}

/** How long that is, as one says it: "3 hours". */
export function spanText(ms: number): string {
  const [size, unit] =
    ms < MINUTE
      ? [SECOND, 'second']
      : ms < 2 * HOUR
        ? [MINUTE, 'minute']
        : ms < 2 * DAY
          ? [HOUR, 'hour']
          : [DAY, 'day'];
  const many = Math.max(0, Math.round(ms / size));
  return `${many} ${unit}${many === 1 ? '' : 's'}`;
}
