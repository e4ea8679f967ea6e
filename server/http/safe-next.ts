/** The path to go on to: one on this portal, or `/`. Refuses `//evil`, `/\evil`, schemes, control characters and the pages of signing in, but not that of a form that waits. */
export function safeNext(given: unknown): string {
  if (typeof given !== 'string' || given.length > 1000) return '/';
  // eslint-disable-next-line no-control-regex
  if (!/^\/(?![/\\])[^\\\u0000-\u0020\u007f-\u009f]*$/.test(given)) return '/';
  const here = 'http://portal.invalid';
  if (!URL.canParse(given, here)) return '/';
  const url = new URL(given, here);
  if (url.origin !== here || /^\/(login|logout|confirm(?!\/kept$))(\/|$)/i.test(url.pathname)) return '/';
  return url.pathname.startsWith('//') ? '/' : url.pathname + url.search + url.hash;
}
