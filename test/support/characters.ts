/** One of every class of characters that nobody sees. */
export const HIDDEN =
  '\u00ad\u034f\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u2060\u2064\u2800\u3164\ufe0f\ufeff\uffa0'.concat(
    '\ufff9\u{1bca0}\u{1d173}\u{e0001}\u{e0061}\u{e0100}',
  );
/** Every white space that Unicode has beside those that break a line. */
export const SPACES =
  ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000';
