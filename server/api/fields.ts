import * as z from 'zod';

/** A time as the API writes it. */
export const apiTime = z.iso.datetime().describe('ISO 8601, UTC');

/** A time of ours (ms) as the API writes it; null for none, which a row that was just made has not set. */
export function isoTime(at: number): string;
export function isoTime(at: number | null | undefined): string | null;
export function isoTime(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString();
}
