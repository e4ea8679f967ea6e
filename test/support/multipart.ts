import type { Fields } from './browser.js';

/** A form with a file, as a browser sends it: the type and the body. */
export function inParts(fields: Fields, file: { field: string; bytes: Buffer } | null): { type: string; body: Buffer } {
  const boundary = '----of-the-test';
  const head = (name: string, more = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n`;
  const parts: Uint8Array[] = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((one) => Buffer.from(`${head(name)}\r\n${one}\r\n`)),
  );
  const sent = file ?? { field: 'file', bytes: Buffer.alloc(0) };
  const filename = file ? 'people.csv' : '';
  const type = file ? 'text/csv' : 'application/octet-stream';
  parts.push(
    Buffer.from(`${head(sent.field, `; filename="${filename}"`)}Content-Type: ${type}\r\n\r\n`),
    sent.bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  );
  return { type: `multipart/form-data; boundary=${boundary}`, body: Buffer.concat(parts) };
}
