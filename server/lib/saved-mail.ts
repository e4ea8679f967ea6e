/**
 * The words of a mail as a mail program saves it: of its plain part, without what carried it (RFC 2045, 6). What is no such
 * mail stays as it is.
 */
export function wordsOfMail(saved: string): string {
  const boundary = boundaryOf(saved);
  const parts = boundary === undefined ? [saved] : saved.split(`--${boundary}`).slice(1);
  const plain = parts.find((part) => boundary === undefined || /^content-type:\s*text\/plain/im.test(part)) ?? '';
  // A gateway that signs a mail, or adds a line of its own, puts the whole of it into one of its parts.
  if (boundary !== undefined && boundaryOf(plain) !== undefined) return wordsOfMail(plain);
  const [, encoding = '', body] =
    /^content-transfer-encoding:\s*(base64|quoted-printable)[ \t]*\r?\n(?:.+\r?\n)*?\r?\n([^]*)/im.exec(plain) ?? [];
  if (body === undefined) return plain;
  if (encoding.toLowerCase() === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  const bytes = body
    .replace(/=[ \t]*\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

// In quotes there may be nearly anything.
function boundaryOf(text: string): string | undefined {
  const [, quoted, bare] = /^content-type:\s*multipart\/[^]*?\bboundary=(?:"([^"]+)"|([^"\s;]+))/im.exec(text) ?? [];
  return quoted ?? bare;
}
