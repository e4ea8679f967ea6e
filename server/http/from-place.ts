import { Invalid } from '#server/errors.js';

/**
 * A page of a list from the place that its address names; from the beginning where that is none of this list, since the address
 * was cut, or is older than the secret key: then `lost` says so, as it is said of a filter that is not understood.
 */
export async function fromPlace<T>(
  cursor: string | undefined,
  pageAt: (cursor: string | undefined) => Promise<T>,
): Promise<{ page: T; place: string | undefined; lost: string[] }> {
  try {
    return { page: await pageAt(cursor), place: cursor, lost: [] };
  } catch (error) {
    if (!(error instanceof Invalid && error.errors.every(({ field }) => field === 'cursor'))) throw error;
    return { page: await pageAt(undefined), place: undefined, lost: ['cursor'] };
  }
}
