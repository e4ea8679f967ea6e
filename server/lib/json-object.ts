/** The object that this JSON is; null for anything else, and for what is no JSON. */
export function objectIn(json: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = json === null ? null : JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
