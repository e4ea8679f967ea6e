/**
 * Where the people of an organisation find it: at the address of the portal, or, where each organisation has one of its own, at
 * that, as passkeys are made and used there alone. Never from what a request says of its host.
 */
export function ownAddress(
  { baseUrl, baseDomain }: { readonly baseUrl: string; readonly baseDomain: string | null },
  slug: string,
): string {
  if (baseDomain === null) return baseUrl;
  const { protocol, port } = new URL(baseUrl);
  return `${protocol}//${slug}.${baseDomain}${port === '' ? '' : `:${port}`}`;
}

/** Where programs call, below an address of the portal. */
export function apiAt(address: string): string {
  return `${address}/api/v1`;
}
